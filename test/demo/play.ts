import type { ClientDuplexStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import type { rpc } from '#contracts';
import { connectService } from '#platform';
import { KafkaEventPublisher } from '#usage-stream/kafka';
import { cloudEvent, usageMessage, type Delivery, type UsageDelivery } from './day.js';

/** How many of the deliveries came to what, as far as the way they went can tell. */
export type Tally = Record<string, number>;

export interface Played {
  readonly tally: Tally;
  /** Deliveries whose outcome was not the one the rules ask for. */
  readonly surprises: readonly string[];
  /** The last revision of each customer that the ledger answered with. */
  readonly answered: ReadonlyMap<string, number>;
}

const PER_MESSAGE = 500;

/**
 * Sends the day over `RecordUsageStream`, and compares each outcome with what it had to be. A retried duplicate
 * that arrives before the event it repeats counts, and the event is then the duplicate: either order is right.
 */
export async function playOverGrpc(
  address: string,
  usages: readonly UsageDelivery[],
  progress: (done: number) => void,
): Promise<Played> {
  const client = connectService<rpc.LedgerService>('LedgerService', address);
  const open = client.raw['recordUsageStream'] as () => ClientDuplexStream<
    rpc.RecordUsageStreamRequest,
    rpc.RecordUsageStreamResponse
  >;
  const stream = open.call(client.raw);
  const tally: Tally = {};
  const surprises: string[] = [];
  const answered = new Map<string, number>();
  let results = 0;
  const reading = (async () => {
    for await (const message of stream as AsyncIterable<rpc.RecordUsageStreamResponse>) {
      for (const result of message.results) {
        const delivery = usages[results++];
        const outcome = result.error
          ? `refused: ${result.error.reason}`
          : (result.recorded?.outcome ?? 'no answer');
        tally[outcome] = (tally[outcome] ?? 0) + 1;
        if (delivery && result.recorded) {
          const { customerId } = delivery.usage;
          answered.set(customerId, Math.max(result.recorded.revision, answered.get(customerId) ?? 0));
        }
        if (delivery && !fits(delivery.expected, outcome)) {
          surprises.push(
            `${delivery.usage.source} ${delivery.usage.id}: expected ${delivery.expected}, got ${outcome}`,
          );
        }
      }
      progress(results);
    }
  })();
  for (let from = 0; from < usages.length; from += PER_MESSAGE) {
    const message = {
      usages: usages.slice(from, from + PER_MESSAGE).map(({ usage }) => usageMessage(usage)),
      mode: 'METERED',
    } as const;
    if (!stream.write(message)) await once(stream, 'drain');
  }
  stream.end();
  await reading;
  client.close();
  if (results !== usages.length) surprises.push(`${usages.length} were sent and ${results} answered`);
  return { tally, surprises, answered };
}

/** Publishes the day to the usage topic, hostile bytes and all; what became of it shows in the ledger. */
export async function playOverKafka(
  brokers: readonly string[],
  topic: string,
  deliveries: readonly Delivery[],
  progress: (done: number) => void,
): Promise<Played> {
  const publisher = new KafkaEventPublisher({ connection: { brokers, clientId: 'purser-demo' } });
  for (let from = 0; from < deliveries.length; from += 1_000) {
    const some = deliveries.slice(from, from + 1_000);
    await publisher.publish(
      some.map((delivery) => ({
        topic,
        key: 'usage' in delivery ? delivery.usage.customerId : delivery.customerId,
        value: 'usage' in delivery ? cloudEvent(delivery.usage) : delivery.bytes,
        headers: { 'content-type': 'application/cloudevents+json' },
      })),
    );
    progress(from + some.length);
  }
  await publisher.close();
  return { tally: { sent: deliveries.length }, surprises: [], answered: new Map() };
}

function fits(expected: Delivery['expected'], outcome: string): boolean {
  switch (expected) {
    case 'counted':
    case 'duplicate':
      return ['DEBITED', 'PARTIALLY_COVERED', 'UNCOVERED', 'DUPLICATE'].includes(outcome);
    case 'not-metered':
      return outcome === 'NOT_CREDIT_METERED';
    case 'refused':
      return outcome.startsWith('refused');
  }
}
