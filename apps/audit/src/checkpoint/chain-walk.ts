import { ACCOUNT_STREAM_PREFIX, CATALOG_STREAM, GENESIS_HASH, linkFault, readLink } from '#contracts';
import {
  pastDamage,
  type EventsDamaged,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '#event-store';

/** Where a stream stands. */
export interface WalkedHead {
  readonly revision: number;
  readonly hash: string;
}

/** An event and what is wrong with its place in its stream's chain. */
export interface WalkedEvent extends WalkedHead {
  readonly stream: string;
  readonly fault: string | undefined;
}

/**
 * Goes through all events once, checking every stream's chain side by side. Keeps the head of each stream in memory,
 * and nothing of the events.
 */
export class ChainWalk {
  readonly #heads = new Map<string, WalkedHead>();
  #position: Position | undefined;

  constructor(private readonly journal: EventStore) {}

  get heads(): ReadonlyMap<string, WalkedHead> {
    return this.#heads;
  }

  /** Of the last event; undefined: there was none. */
  get position(): Position | undefined {
    return this.#position;
  }

  /**
   * To the present end, in batches.
   * @param tell of what is no event any more: its stream goes on behind it with a gap
   */
  async *events(
    tell: (damaged: EventsDamaged) => void | Promise<void>,
  ): AsyncGenerator<readonly WalkedEvent[]> {
    const streamPrefixes = [ACCOUNT_STREAM_PREFIX, CATALOG_STREAM];
    const batches = pastDamage(
      (damaged) => this.journal.readAll({ streamPrefixes, ...(damaged && { after: damaged.position }) }),
      tell,
    );
    for await (const batch of batches) {
      yield batch.filter(({ stream }) => isOurs(stream)).map((recorded) => this.#step(recorded));
      this.#position = batch.at(-1)?.position ?? this.#position;
    }
  }

  #step(recorded: RecordedEvent): WalkedEvent {
    const { stream, revision } = recorded;
    const before = this.#heads.get(stream) ?? { revision: -1, hash: GENESIS_HASH };
    const gap = revision === before.revision + 1 ? undefined : `follows revision ${before.revision}`;
    const fault = gap ?? linkFault(before.hash, recorded);
    const head = { revision, hash: claimedHash(recorded) };
    this.#heads.set(stream, head);
    return { stream, ...head, fault };
  }
}

/** A prefix may fit streams that are none of the ledger's. */
function isOurs(stream: string): boolean {
  return stream === CATALOG_STREAM || stream.startsWith(ACCOUNT_STREAM_PREFIX);
}

/** Without a fault it is the event's own. After one the walk goes on from here, so that one fault is told once. */
function claimedHash({ metadata }: RecordedEvent): string {
  try {
    return readLink(metadata).hash;
  } catch {
    return GENESIS_HASH;
  }
}
