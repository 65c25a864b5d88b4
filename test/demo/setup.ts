import type { rpc } from '#contracts';
import { toTimestamp } from '#contracts';
import { instantFromMs, type Instant } from '#domain';
import { connectService } from '#platform';
import { apply } from '../../apps/catalog/src/apply.js';
import { connectCatalog } from '../../apps/catalog/src/catalog-client.js';
import { openPlanFile } from '../../apps/catalog/src/plan-source.js';

/** The plan file that the day is played on, and the credit system in it. */
export const PLAN_FILE = 'examples/ai-tokens.yaml';
export const CREDIT_SYSTEM = 'ai-tokens';
export const PLAN = 'pro';

/** Loads the plan file into a running ledger; returns the terms of the plan and the scale of its credits. */
export async function loadPlans(
  ledgerAddress: string,
): Promise<{ readonly terms: rpc.PlanTerms; readonly scale: number; readonly report: readonly string[] }> {
  const client = connectCatalog(ledgerAddress);
  try {
    const { lines } = await apply(await openPlanFile(PLAN_FILE), client, {
      publish: undefined,
      actor: 'demo',
    });
    const { plan } = await client.getPlan({ planId: PLAN });
    const { creditSystems } = await client.listCreditSystems({});
    const system = creditSystems.find(({ key }) => key === CREDIT_SYSTEM);
    if (!plan?.terms || !system)
      throw new Error(`${PLAN_FILE} defines no plan ${PLAN} with ${CREDIT_SYSTEM}`);
    return { terms: plan.terms, scale: system.scale, report: lines };
  } finally {
    client.close();
  }
}

const DAY_MS = 86_400_000;

/** Subscribes everybody a day before the played day begins; some have promotional credits as well. */
export async function subscribeAll(
  ledgerAddress: string,
  customers: readonly string[],
  until: Instant,
  progress: (done: number) => void,
): Promise<void> {
  const client = connectService<rpc.LedgerService>('LedgerService', ledgerAddress);
  const startsAt = toTimestamp(instantFromMs(Date.parse(until) - 2 * DAY_MS));
  const waiting = [...customers.entries()];
  let done = 0;
  const subscribers = Array.from({ length: 16 }, async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [index, customerId] = next;
      await client.call.startSubscription({
        customerId,
        idempotencyKey: 'demo-start',
        planId: PLAN,
        startsAt,
      });
      if (index % 10 === 0) {
        await client.call.grantCredits({
          customerId,
          idempotencyKey: 'demo-welcome',
          creditSystem: CREDIT_SYSTEM,
          amount: '250.5',
          reason: 'welcome',
          actor: 'demo',
          effectiveAt: startsAt,
        });
      }
      progress(++done);
    }
  });
  await Promise.all(subscribers);
  client.close();
}
