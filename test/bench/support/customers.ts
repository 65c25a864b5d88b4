import { toTimestamp } from '#contracts';
import { instantFromMs } from '#domain';
import { CREDIT_SYSTEM, PLAN, PLAN_TERMS } from './catalog.js';
import type { Service } from './service.js';

const DAY_MS = 86_400_000;
const AT_A_TIME = 64;

/** Credit system and plan, published. */
export async function publishPlan({ catalog }: Pick<Service, 'catalog'>): Promise<void> {
  await catalog.call.defineCreditSystem({
    idempotencyKey: 'bench-system',
    key: CREDIT_SYSTEM,
    name: 'AI tokens',
    actor: 'bench',
  });
  await catalog.call.savePlanDraft({
    idempotencyKey: 'bench-draft',
    planId: PLAN,
    terms: PLAN_TERMS,
    actor: 'bench',
  });
  await catalog.call.publishPlan({ idempotencyKey: 'bench-publish', planId: PLAN, actor: 'bench' });
}

/**
 * Subscribes customers, with an included allowance and promotional credits each, so that debits choose among
 * grants.
 * @returns how many events that took
 */
export async function subscribeAll(
  { ledger }: Pick<Service, 'ledger'>,
  customers: readonly string[],
): Promise<number> {
  const startsAt = toTimestamp(instantFromMs(Date.now() - DAY_MS));
  let events = 0;
  for (let from = 0; from < customers.length; from += AT_A_TIME) {
    const revisions = await Promise.all(
      customers.slice(from, from + AT_A_TIME).map(async (customerId) => {
        await ledger.call.startSubscription({
          customerId,
          idempotencyKey: 'subscribe',
          subscriptionId: 'main',
          planId: PLAN,
          startsAt,
          actor: 'bench',
        });
        const { revision } = await ledger.call.grantCredits({
          customerId,
          idempotencyKey: 'welcome',
          creditSystem: CREDIT_SYSTEM,
          amount: '500',
          reason: 'welcome',
          actor: 'bench',
          effectiveAt: startsAt,
        });
        return revision;
      }),
    );
    events += revisions.reduce((sum, revision) => sum + revision + 1, 0);
  }
  return events;
}

export function customerIds(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `cust-${String(n).padStart(6, '0')}`);
}
