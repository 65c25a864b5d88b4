import type { SubscriptionBatch } from '#event-store';

/**
 * Since when the oldest event has waited that a follower knows of and is not done with. Batches are taken in hand, one
 * ahead of the other, and done with in the same order.
 */
export class Backlog {
  readonly #inHand: SubscriptionBatch[] = [];
  #sinceMs: number | undefined;

  /** When that event was stored; undefined: none is known to wait. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  take(batch: SubscriptionBatch): void {
    this.#inHand.push(batch);
    this.#sinceMs ??= batch.events[0]?.storedAtMs;
  }

  /** Everything that the batch taken first asked for is durable. */
  done(): void {
    const batch = this.#inHand.shift();
    if (!batch) return;
    const next = this.#inHand[0]?.events[0]?.storedAtMs;
    if (next !== undefined) this.#sinceMs = next;
    else if (batch.caughtUp) this.#sinceMs = undefined;
    // What comes next was stored no earlier.
    else this.#sinceMs = batch.events.at(-1)?.storedAtMs ?? this.#sinceMs;
  }

  /** What is in hand is given up, and comes again: it waits as it did. */
  giveUp(): void {
    this.#inHand.length = 0;
  }

  /** What waits is somebody else's business. */
  clear(): void {
    this.giveUp();
    this.#sinceMs = undefined;
  }
}
