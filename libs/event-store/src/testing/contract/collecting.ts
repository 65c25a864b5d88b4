import type { Position, RecordedEvent, SubscriptionBatch } from '../../port.js';

/** Everything that an iterable of batches yields. */
export async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const batch of batches) items.push(...batch);
  return items;
}

/** What a subscription has delivered so far. */
export interface Followed {
  readonly events: RecordedEvent[];
  readonly batches: SubscriptionBatch[];
  readonly checkpoint: Position;
}

/** Reads a subscription until `enough` says so, then leaves it. */
export async function follow(
  subscription: AsyncIterable<SubscriptionBatch>,
  enough: (followed: Followed) => boolean,
): Promise<Followed> {
  const events: RecordedEvent[] = [];
  const batches: SubscriptionBatch[] = [];
  let followed: Followed = { events, batches, checkpoint: -1n };
  for await (const batch of subscription) {
    events.push(...batch.events);
    batches.push(batch);
    followed = { events, batches, checkpoint: batch.checkpoint };
    if (enough(followed)) break;
  }
  return followed;
}

/** Runs `work` on every item, at most `width` at a time. */
export async function sideBySide<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
