import { usageFingerprint, type Usage } from '#contracts';
import type { RecordUsage } from '#domain';

/** What a usage event asks of the account. */
export function usageCommand(usage: Usage, mode: RecordUsage['mode']): RecordUsage {
  const { source, id, feature, quantity, time, dimensions } = usage;
  return {
    type: 'RecordUsage',
    source,
    id,
    fingerprint: usageFingerprint(usage),
    mode,
    feature,
    quantity,
    time,
    dimensions,
  };
}
