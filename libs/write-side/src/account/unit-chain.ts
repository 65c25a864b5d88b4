import { evolveAll, type AccountEvent, type AccountState, type Decision } from '#domain';
import { appendBytes, type NewEvent } from '#event-store';
import { seal, type StreamHead } from '#journal';

/** Where the next unit begins. */
export interface UnitEnd {
  /** The account once these events are in the store, … */
  readonly after: AccountState;
  /** … and the end of its stream. */
  readonly head: StreamHead;
}

/** Events that are appended together or not at all. */
export interface Unit extends UnitEnd {
  readonly events: readonly AccountEvent[];
  readonly sealed: readonly NewEvent[];
  /** The command that caused them; undefined for settlement. */
  readonly command: number | undefined;
  /** The text under which that command is remembered; null for settlement, and for what the command's own events made due. */
  readonly identity: string | null;
}

/**
 * Units, each chained to the one before, each on the state that the one before left behind. How large one is, is known
 * before the state follows it: a debit of thousands of grants takes longer to follow than to write.
 */
export class UnitChain {
  readonly units: Unit[] = [];
  #end: UnitEnd;
  #bytes = 0;

  constructor(
    private readonly stream: string,
    start: UnitEnd,
    private readonly limitBytes: number,
  ) {
    this.#end = start;
  }

  /** The account behind the last unit. */
  get state(): AccountState {
    return this.#end.after;
  }

  /** How much was written, also of what turned out to be too large. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds what a command came to, or nothing at all where that is more than an append takes: then it tells the bytes.
   * Each event of settlement stands on its own. So does what the command's own events made due, where it does not fit
   * in with them: a subscription that starts years back makes thousands due.
   */
  add(
    { settlement, events, own }: Extract<Decision, { kind: 'decided' }>,
    command: number,
    identity: string | null,
  ): number | undefined {
    const end = this.#end;
    const count = this.units.length;
    for (const event of settlement) this.#push(this.#seal([event]), undefined, null);
    const tooLarge = events.length === 0 ? undefined : this.#addCaused(events, own, command, identity);
    if (tooLarge !== undefined) {
      this.#end = end;
      this.units.length = count;
    }
    return tooLarge;
  }

  #addCaused(
    events: readonly AccountEvent[],
    own: number,
    command: number,
    identity: string | null,
  ): number | undefined {
    const together = this.#seal(events);
    if (together.bytes <= this.limitBytes) {
      this.#push(together, command, identity);
      return undefined;
    }
    if (events.length === own) return together.bytes;
    const tooLarge = this.#addCaused(events.slice(0, own), own, command, identity);
    if (tooLarge !== undefined) return tooLarge;
    for (const event of events.slice(own)) {
      const alone = this.#seal([event]);
      if (alone.bytes > this.limitBytes) return alone.bytes;
      this.#push(alone, command, null);
    }
    return undefined;
  }

  #seal(events: readonly AccountEvent[]): Sealed {
    const { sealed, head } = seal(this.stream, this.#end.head, events);
    const bytes = appendBytes(sealed);
    this.#bytes += bytes;
    return { events, sealed, head, bytes };
  }

  #push({ events, sealed, head }: Sealed, command: number | undefined, identity: string | null): void {
    const unit = { events, sealed, command, identity, after: evolveAll(this.#end.after, events), head };
    this.units.push(unit);
    this.#end = unit;
  }
}

interface Sealed extends Pick<Unit, 'events' | 'sealed' | 'head'> {
  readonly bytes: number;
}
