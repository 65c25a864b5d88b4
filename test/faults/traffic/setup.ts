import { toTimestamp, type rpc } from '#contracts';
import { Amount, instantFromMs } from '#domain';
import { connectService } from '#platform';
import { apply } from '../../../apps/catalog/src/apply.js';
import { connectCatalog } from '../../../apps/catalog/src/catalog-client.js';
import { openPlanFile } from '../../../apps/catalog/src/plan-source.js';

const PLAN_FILE = 'test/faults/plans.yaml';
export const CREDIT_SYSTEM = 'fault-credits';
/** Decimals a debit is rounded to, as the plan file says. */
export const SCALE = 6;

const DAY_MS = 86_400_000;

/** Credits per unit of each feature of the plan file. */
export const COSTS: ReadonlyMap<string, Amount> = new Map([
  ['call', Amount.parse('1')],
  ['token', Amount.parse('0.0005')],
  ['image', Amount.parse('12.5')],
  ['unit', Amount.parse('7')],
]);

/** Loads the plan file into a ledger. */
export async function loadFaultPlans(ledgerAddress: string): Promise<void> {
  const client = connectCatalog(ledgerAddress);
  try {
    await apply(await openPlanFile(PLAN_FILE), client, { publish: undefined, actor: 'faults' });
  } finally {
    client.close();
  }
}

/** Subscribes customers to a plan of the file, since the day before yesterday. */
export async function subscribeCustomers(
  ledgerAddress: string,
  customers: readonly string[],
  planId = 'fault-steady',
): Promise<void> {
  const client = connectService<rpc.LedgerService>('LedgerService', ledgerAddress);
  const startsAt = toTimestamp(instantFromMs(Date.now() - 2 * DAY_MS));
  try {
    await Promise.all(
      customers.map((customerId) =>
        client.call.startSubscription({ customerId, idempotencyKey: 'start', planId, startsAt }),
      ),
    );
  } finally {
    client.close();
  }
}

export function customersOf(run: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${run}-cust-${n}`);
}
