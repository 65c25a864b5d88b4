import type { ClientDuplexStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import type { rpc } from '#contracts';
import { usageMessage, type DayUsage } from '../../demo/day.js';
import type { Service } from './service.js';

const PER_MESSAGE = 1_000;

/** The messages of a stream that carries these usage events. */
export function usageMessages(usages: readonly DayUsage[]): rpc.RecordUsageStreamRequest[] {
  const messages: rpc.RecordUsageStreamRequest[] = [];
  for (let from = 0; from < usages.length; from += PER_MESSAGE) {
    messages.push({ usages: usages.slice(from, from + PER_MESSAGE).map(usageMessage), mode: 'METERED' });
  }
  return messages;
}

/**
 * Sends them over one `RecordUsageStream` and reads every answer.
 * @throws Error when any usage event was not debited: then something else was measured
 */
export async function recordUsage(
  { ledger }: Pick<Service, 'ledger'>,
  messages: readonly rpc.RecordUsageStreamRequest[],
): Promise<void> {
  const open = ledger.raw['recordUsageStream'] as () => ClientDuplexStream<
    rpc.RecordUsageStreamRequest,
    rpc.RecordUsageStreamResponse
  >;
  const stream = open.call(ledger.raw);
  const reading = (async () => {
    for await (const { results } of stream as AsyncIterable<rpc.RecordUsageStreamResponse>) {
      const odd = results.find(({ recorded }) => recorded?.outcome !== 'DEBITED');
      if (odd) throw new Error(`a usage event was not debited: ${JSON.stringify(odd)}`);
    }
  })();
  // A failed read is reported below; writing to a stream that broke never drains.
  reading.catch(() => stream.cancel());
  for (const message of messages) {
    if (!stream.write(message)) await Promise.race([once(stream, 'drain'), reading]);
  }
  stream.end();
  await reading;
}
