import { fromTimestamp, plainUsage, readUsage, type rpc, type Usage } from '#contracts';
import { rejectionForFaults, type Fault, type Instant, type RecordUsage, type Rejection } from '#domain';
import { malformedRequest, noInstant } from '#platform';

/** The names that fields of a usage event have in a request. */
const FIELD_OF_PATH: Readonly<Record<string, string>> = {
  subject: 'customer_id',
  'data.feature': 'feature',
  'data.quantity': 'quantity',
};

const MODES = { METERED: 'metered', SYNCHRONOUS: 'synchronous' } as const satisfies Record<
  rpc.UsageMode,
  RecordUsage['mode']
>;

/** @throws Refused for a value that this version of the contract does not know: the loader delivers its number */
export function usageMode(mode: rpc.UsageMode): RecordUsage['mode'] {
  if (Object.hasOwn(MODES, mode)) return MODES[mode];
  const message = `must be one of ${Object.keys(MODES).join(', ')}, got ${mode as unknown as number}`;
  throw malformedRequest([{ path: 'mode', message }]);
}

/**
 * Reads a usage event by the rules of the usage topic: the two roads in must not differ.
 * @param at where in a message of many it stands
 */
export function usageFromRequest(event: rpc.UsageEvent | null, at?: number): Usage | Rejection {
  const time = event?.time ? instantOf(event.time) : undefined;
  const plain = event && time && plainUsage(event, time);
  return plain ?? readByEnvelope(event, at === undefined ? 'usage' : `usages[${at}]`);
}

/** Whatever is left is put into the shape of a message of the topic, which explains what is wrong with it. */
function readByEnvelope(event: rpc.UsageEvent | null, path: string): Usage | Rejection {
  if (!event) return refusal([{ path, message: 'is missing' }]);
  const decoded = readUsage({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: 'usage.recorded',
    subject: event.customerId,
    ...(event.time && { time: timeText(event.time) }),
    data: { feature: event.feature, quantity: event.quantity, dimensions: event.dimensions },
  });
  return 'ok' in decoded ? decoded.ok : refusal(decoded.faults.map((fault) => inRequest(fault, path, event)));
}

/** What is no instant the schema refuses, whatever it is called; the sender knows it as a Timestamp. */
function timeText(time: rpc.Timestamp): string {
  return instantOf(time) ?? 'none';
}

function instantOf(time: rpc.Timestamp): Instant | undefined {
  try {
    return fromTimestamp(time);
  } catch {
    return undefined;
  }
}

function inRequest({ path, message }: Fault, prefix: string, { time }: rpc.UsageEvent): Fault {
  const field = FIELD_OF_PATH[path] ?? path.replace(/^data\./, '');
  return { path: `${prefix}.${field}`, message: path === 'time' && time ? noInstant(time) : message };
}

function refusal(faults: readonly Fault[]): Rejection {
  return rejectionForFaults('COMMAND_MALFORMED', 'the usage event is malformed', faults);
}
