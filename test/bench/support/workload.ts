import { instantFromMs } from '#domain';
import type { DayUsage } from '../../demo/day.js';
import { seeded } from '../../support/random.js';
import { FEATURES } from './catalog.js';

export interface Workload {
  readonly customers: readonly string[];
  readonly events: number;
  /** Part of every id: two workloads with the same run share ids. */
  readonly run: string;
}

/**
 * Usage of the last minute, all of which is debited: a few customers use most of it, as in life. The customer of
 * rank r of n is chosen in proportion to the square root's slope, so the first tenth uses a third.
 */
export function usageOf({ customers, events, run }: Workload): DayUsage[] {
  const random = seeded(events);
  const until = Date.now() - 1_000;
  return Array.from({ length: events }, (_, n) => {
    const { feature } = random.pick(FEATURES);
    return {
      customerId: customers[Math.floor(random.next() ** 2 * customers.length)] ?? '',
      source: random.pick(['api-gateway-eu', 'api-gateway-us', 'batch-runner']),
      id: `${run}-${n}`,
      feature,
      quantity:
        feature === 'transcription'
          ? `${random.below(40)}.${1 + random.below(9)}`
          : String(1 + random.below(4_000)),
      time: instantFromMs(until - random.below(60_000)),
      dimensions: { model: random.pick(['s', 'm', 'xl']) },
    };
  });
}

/** One usage event of each of these customers. */
export function oneUsageEach(customers: readonly string[], run: string): DayUsage[] {
  const usages = usageOf({ customers: ['-'], events: customers.length, run });
  return usages.map((usage, n) => ({ ...usage, customerId: customers[n] ?? '' }));
}
