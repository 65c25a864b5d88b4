import { fromTimestamp, readUsage, type rpc, type Usage } from '#contracts';
import { rejectionForFaults, type Fault, type RecordUsage, type Rejection } from '#domain';
import { malformedRequest } from '#platform';

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

/** Reads a usage event by the rules of the usage topic: the two roads in must not differ. */
export function usageFromRequest(event: rpc.UsageEvent | null, path = 'usage'): Usage | Rejection {
  if (!event) return refusal([{ path, message: 'is missing' }]);
  const time = timeText(event.time);
  const decoded = readUsage({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: 'usage.recorded',
    subject: event.customerId,
    ...(time !== undefined && { time }),
    data: { feature: event.feature, quantity: event.quantity, dimensions: event.dimensions },
  });
  return 'ok' in decoded ? decoded.ok : refusal(decoded.faults.map((fault) => inRequest(fault, path)));
}

function timeText(time: rpc.UsageEvent['time']): string | undefined {
  if (!time) return undefined;
  try {
    return fromTimestamp(time);
  } catch {
    // Named as the sender knows it; the schema refuses it.
    return `${time.seconds} s ${time.nanos} ns`;
  }
}

function inRequest({ path, message }: Fault, prefix: string): Fault {
  const field = FIELD_OF_PATH[path] ?? path.replace(/^data\./, '');
  return { path: `${prefix}.${field}`, message };
}

function refusal(faults: readonly Fault[]): Rejection {
  return rejectionForFaults('COMMAND_MALFORMED', 'the usage event is malformed', faults);
}
