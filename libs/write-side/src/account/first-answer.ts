import { identityOf } from '#domain';
import type { EventStore } from '#event-store';
import { readAccount } from '#journal';
import type { PlacedEvent } from './outcome.js';

/**
 * The events with which a command was answered the first time, out of the stream: what it caused, and what fell
 * due by it in the same decision.
 */
export async function firstAnswer(
  eventStore: EventStore,
  customerId: string,
  revision: number,
): Promise<readonly PlacedEvent[]> {
  const answer: PlacedEvent[] = [];
  for await (const batch of readAccount(eventStore, customerId, revision)) {
    for (const { event, revision: at } of batch) {
      const first = answer[0]?.event ?? event;
      const same = identityOf(event.cause) === identityOf(first.cause);
      const dueByIt = event.cause.kind === 'settlement' && event.recordedAt === first.recordedAt;
      if (!same && !dueByIt) return answer;
      answer.push({ revision: at, event });
    }
  }
  return answer;
}
