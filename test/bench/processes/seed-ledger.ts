/** Fills an event store by the write side's own rules, without any server in between: for benches of a large ledger. */
import { openEventStore } from '#adapters';
import { Amount, instant, plusMs, type AccountCommand, type RecordUsage } from '#domain';
import { createLogger, createMetrics } from '#platform';
import { openMemoryReadStore } from '#read-store/testing';
import { createWriteSide, UsageHorizon, type WriteSide } from '#write-side';
import { ALLOWANCE, CREDIT_SYSTEM, FEATURES, PLAN } from '../support/catalog.js';
import { customerIds } from '../support/customers.js';
import type { Seeded, SeedLedger } from '../support/seed-ledger.js';
import { usageCommandOf } from '../support/usage-command.js';
import { answerTask } from './helper.js';

const AT_A_TIME = 64;

answerTask(async ({ eventStoreUrl, accounts, usagesEach }: SeedLedger): Promise<Seeded> => {
  const eventStore = openEventStore(eventStoreUrl);
  const began = instant(new Date(Date.now() - 3_600_000).toISOString());
  const metrics = createMetrics();
  const side = createWriteSide({
    eventStore,
    // Nothing is ever looked up in it: every account is new, and stays in memory while it is filled.
    readStore: openMemoryReadStore(),
    horizon: UsageHorizon.withoutStream(),
    clock: { now: () => plusMs(began, 1_800_000) },
    logger: createLogger('silent', 'bench'),
    metrics,
    accountCacheSize: 2 * AT_A_TIME,
  });
  await publish(side);
  const customers = customerIds(accounts);
  for (let from = 0; from < customers.length; from += AT_A_TIME) {
    await Promise.all(
      customers.slice(from, from + AT_A_TIME).map(async (customerId) => {
        const commands: AccountCommand[] = [
          {
            type: 'StartSubscription',
            ...keyed('subscribe'),
            subscriptionId: 'main',
            planId: PLAN,
            startsAt: began,
          },
          ...Array.from({ length: usagesEach }, (_, n): RecordUsage => usageCommandOf(customerId, n, began)),
        ];
        const outcomes = await side.ledger.submit(customerId, commands);
        const odd = outcomes.find(({ kind }) => kind !== 'applied');
        if (odd) throw new Error(`${customerId}: ${JSON.stringify(odd)}`);
      }),
    );
  }
  const { values } = await metrics.appendedEvents.get();
  await eventStore.close();
  return { events: values.reduce((sum, { value }) => sum + value, 0) };
});

const keyed = (key: string) => ({ key, fingerprint: key, actor: 'bench' });

async function publish({ catalogHandler }: WriteSide): Promise<void> {
  await catalogHandler.execute({
    type: 'DefineCreditSystem',
    ...keyed('define'),
    creditSystem: CREDIT_SYSTEM,
    name: 'AI tokens',
  });
  await catalogHandler.execute({
    type: 'SavePlanDraft',
    ...keyed('draft'),
    planId: PLAN,
    draft: {
      name: 'Bench',
      credits: [
        {
          creditSystem: CREDIT_SYSTEM,
          included: { allowance: Amount.parse(ALLOWANCE), resetInterval: { unit: 'month', count: 1 } },
        },
      ],
      features: FEATURES.map(({ feature, creditCost }) => ({
        feature,
        creditSystem: CREDIT_SYSTEM,
        creditCost: Amount.parse(creditCost),
      })),
    },
  });
  await catalogHandler.execute({ type: 'PublishPlan', ...keyed('publish'), planId: PLAN });
}
