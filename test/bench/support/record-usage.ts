import { once } from 'node:events';
import type { rpc } from '#contracts';
import { usageMessage, type DayUsage } from '../../demo/day.js';
import { asIs, methodOf } from './calls-in-bytes.js';
import type { Service } from './service.js';

const PER_MESSAGE = 1_000;

/** The messages of a stream that carries these usage events, in the bytes that go out. */
export function usageMessages(service: Pick<Service, 'ledger'>, usages: readonly DayUsage[]): Buffer[] {
  const { requestSerialize } = recordUsageStream(service);
  const messages: Buffer[] = [];
  for (let from = 0; from < usages.length; from += PER_MESSAGE) {
    const message = { usages: usages.slice(from, from + PER_MESSAGE).map(usageMessage), mode: 'METERED' };
    messages.push(requestSerialize(message as rpc.RecordUsageStreamRequest));
  }
  return messages;
}

/**
 * Sends them over one `RecordUsageStream` and receives every answer. Bytes go out and bytes come in: the processor
 * time of whoever sends usage is not the ledger's, and would be taken from it here.
 */
export async function recordUsage(
  { ledger }: Pick<Service, 'ledger'>,
  messages: readonly Buffer[],
): Promise<Buffer[]> {
  const { path } = recordUsageStream({ ledger });
  const stream = ledger.raw.makeBidiStreamRequest(path, asIs, asIs);
  const answers: Buffer[] = [];
  const reading = (async () => {
    for await (const answer of stream as AsyncIterable<Buffer>) answers.push(answer);
  })();
  // A failed read is reported below; writing to a stream that broke never drains.
  reading.catch(() => stream.cancel());
  for (const message of messages) {
    if (!stream.write(message)) await Promise.race([once(stream, 'drain'), reading]);
  }
  stream.end();
  await reading;
  return answers;
}

/** @throws Error when not every one of so many usage events was debited: then something else was measured */
export function checkDebited(
  service: Pick<Service, 'ledger'>,
  answers: readonly Buffer[],
  events: number,
): void {
  const { responseDeserialize } = recordUsageStream(service);
  const results = answers.flatMap((answer) => responseDeserialize(answer).results);
  const odd = results.find(({ recorded }) => recorded?.outcome !== 'DEBITED');
  if (odd) throw new Error(`a usage event was not debited: ${JSON.stringify(odd)}`);
  if (results.length !== events) throw new Error(`${events} events were sent, ${results.length} answered`);
}

function recordUsageStream({ ledger }: Pick<Service, 'ledger'>) {
  return methodOf<rpc.RecordUsageStreamRequest, rpc.RecordUsageStreamResponse>(
    ledger.raw,
    'RecordUsageStream',
  );
}
