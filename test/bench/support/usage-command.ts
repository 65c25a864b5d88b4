import { Amount, plusMs, type Instant, type RecordUsage } from '#domain';
import { usageCommand } from '#write-side';
import { FEATURES } from './catalog.js';

/** The nth usage event of a customer, within a quarter of an hour after `began`. */
export function usageCommandOf(customerId: string, n: number, began: Instant): RecordUsage {
  const { feature } = FEATURES[n % FEATURES.length] ?? FEATURES[0];
  return usageCommand(
    {
      customerId,
      source: 'api-gateway-eu',
      id: `seed-${n}`,
      feature,
      quantity: Amount.parse(String(1 + (n % 3_000))),
      time: plusMs(began, (n % 1_000) * 1_000),
      dimensions: { model: 'xl' },
    },
    'metered',
  );
}
