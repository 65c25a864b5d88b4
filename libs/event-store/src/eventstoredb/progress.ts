import type { Position, RecordedEvent } from '../port.js';
import type { ReadMessage } from './read-message.js';

/** Positions are signed on the server: 24.2 to 24.10.4 send -1 as 2^64-1 for a subscription that has seen nothing. */
const NO_POSITION = 2n ** 63n;

/**
 * How far a subscription has come. A checkpoint of the server is a claim: 23.6.0 and 25.0.0 name the place of the
 * *next* record when they reach the end, and what will stand there has not been looked at. Every server sends in order,
 * though, so a claim holds once something later has come. Events are only ever compared with events.
 */
export class Progress {
  /** Of the last event, or where the present call began. */
  #delivered: Position | undefined;
  #sure: Position | undefined;
  #claimed: Position | undefined;

  constructor(after: Position | undefined) {
    this.#sure = after;
    this.begin();
  }

  /** Everything up to and including this position has been delivered or filtered out; undefined: nothing yet. */
  get position(): Position | undefined {
    return this.#sure;
  }

  /** A new call begins after `position`; what the former one claimed is claimed again. */
  begin(): void {
    this.#delivered = this.#sure;
    this.#claimed = undefined;
  }

  /** @returns the events that are new */
  take(messages: readonly ReadMessage[]): RecordedEvent[] {
    const events: RecordedEvent[] = [];
    for (const { event, checkpoint } of messages) {
      if (event) {
        if (this.#delivered !== undefined && event.position <= this.#delivered) continue;
        this.#delivered = event.position;
        events.push(event);
      } else if (checkpoint !== undefined) {
        this.#claim(checkpoint);
      }
    }
    if (events.length > 0) this.#settle(this.#delivered);
    return events;
  }

  #claim(checkpoint: Position): void {
    if (checkpoint >= NO_POSITION) return;
    if (this.#claimed !== undefined) {
      if (checkpoint <= this.#claimed) return;
      this.#settle(this.#claimed);
    }
    this.#claimed = checkpoint;
  }

  #settle(position: Position | undefined): void {
    if (position === undefined || (this.#sure !== undefined && position <= this.#sure)) return;
    this.#sure = position;
  }
}
