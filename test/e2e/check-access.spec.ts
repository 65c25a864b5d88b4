import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClockedLedger, type ClockedLedger } from '../support/clocked-ledger.js';
import type { Customer } from '../support/customer.js';
import { HOUR, refusal, refusalIn, type PlanTermsOf } from '../support/ledger-client.js';
import { seeded, type Random } from '../support/random.js';

const CUSTOMERS = 30;
const STEPS = 10;
const FEATURES = ['call', 'image', 'given-away', 'unknown'];

let ledger: ClockedLedger;
beforeAll(async () => {
  ledger = await startClockedLedger('2026-03-28T00:00:00Z');
  for (const [key, scale] of [
    ['credits', 3],
    ['gpu', 0],
  ] as const)
    await ledger.catalog.defineCreditSystem({ idempotencyKey: key, key, name: key, scale });
  for (const [planId, terms] of Object.entries(plans())) await ledger.publish(planId, terms);
}, 60_000);
afterAll(() => ledger.stop());

/** Every way in which a plan can let use through or hold it back. */
function plans(): Readonly<Record<string, PlanTermsOf>> {
  const topUp = {
    kind: 'GRADUATED',
    currency: 'EUR',
    tiers: [{ firstUnit: '0', model: 'PER_UNIT', unitPrice: '1' }],
  } as const;
  const included = { allowance: '20', resetInterval: { unit: 'HOUR', count: 6 } } as const;
  const features = [
    { feature: 'call', creditSystem: 'credits', creditCost: '1.5' },
    { feature: 'image', creditSystem: 'credits', creditCost: '0.3333' },
    { feature: 'given-away', creditSystem: 'credits', creditCost: '9', prepaid: false },
  ];
  const plan = (credit: object): PlanTermsOf => ({
    name: 'Plan',
    credits: [{ creditSystem: 'credits', priced: { topUp }, ...credit }],
    features,
  });
  return {
    blocks: plan({ included }),
    bills: plan({ included, onEmpty: 'PAY_AS_YOU_GO' }),
    restricts: plan({ included, lowCreditLimit: { threshold: '14', action: 'RESTRICT' } }),
    'restricts-and-bills': plan({
      included,
      onEmpty: 'PAY_AS_YOU_GO',
      lowCreditLimit: { threshold: '5', action: 'RESTRICT' },
    }),
    'must-buy': plan({ mandatoryPurchase: true, expiresAfter: 'PT5H' }),
    'other-system': {
      name: 'Other',
      credits: [{ creditSystem: 'gpu', included }],
      features: [{ feature: 'image', creditSystem: 'gpu', creditCost: '1.5' }],
    },
  };
}

/** Something that changes who may use what; refusals do not matter here. */
async function live(customer: Customer, random: Random, step: number): Promise<void> {
  const pick = random.below(9);
  const amount = String(1 + random.below(15));
  const soon = ledger.fromNow((1 + random.below(10)) * HOUR);
  const subscriptionId = random.pick(['one', 'two']);
  const planId = random.pick(Object.keys(plans()));
  const done: Promise<unknown> =
    pick === 0
      ? customer.start(planId, { subscriptionId, startsAt: ledger.fromNow((random.below(5) - 3) * HOUR) })
      : pick === 1
        ? customer.change(subscriptionId, planId, { when: random.pick(['NOW', 'PERIOD_END']) })
        : pick === 2
          ? customer.cancel(subscriptionId, { when: random.pick(['NOW', 'PERIOD_END']) })
          : pick === 3
            ? customer.grant('credits', amount, { features: [random.pick(FEATURES)], expiresAt: soon })
            : pick === 4
              ? customer.grant(random.pick(['credits', 'gpu']), amount, { effectiveAt: soon })
              : pick === 5
                ? customer.buy('credits', amount, { subscriptionId })
                : pick === 6
                  ? customer.hold('credits', amount, { holdId: `h${step}`, timesOutAt: soon })
                  : customer.use(random.pick(FEATURES), amount);
  await done.catch(() => undefined);
}

/** What a debit came to, in the words of the answer that was given before it. */
async function verdictOf(customer: Customer, feature: string, quantity: string): Promise<object> {
  try {
    const { outcome, credits } = await customer.ask(feature, quantity);
    const creditMetered = outcome !== 'NOT_CREDIT_METERED';
    return { allowed: true, reason: '', numbers: {}, creditMetered, credits: creditMetered ? credits : '' };
  } catch (error) {
    const { reason, numbers } = refusalIn(error);
    const credits = numbers['required'] ?? '';
    return { allowed: false, reason, numbers, creditMetered: true, credits };
  }
}

describe('CheckAccess', () => {
  it('gives the verdict, the reason and the numbers that a synchronous debit then gets, whatever the account', async () => {
    const random = seeded(20_260_328);
    const verdicts = new Map<string, number>();
    const customers = Array.from({ length: CUSTOMERS }, () => ledger.customer('access'));
    for (const customer of customers)
      await customer.start(random.pick(Object.keys(plans())), { subscriptionId: 'one' });
    for (let step = 0; step < STEPS; step++) {
      for (const customer of customers) {
        await live(customer, random, step);
        const [feature, quantity] = [random.pick(FEATURES), String(random.below(90) / 8)];
        const { allowed, reason, numbers, creditMetered, credits } = await customer.access(feature, quantity);
        const before = await customer.wallet('credits');
        const access = { allowed, reason, numbers, creditMetered, credits };
        expect(access).toEqual(await verdictOf(customer, feature, quantity));
        const verdict = reason || (creditMetered ? 'allowed' : 'not metered');
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        // It had changed nothing.
        if (!allowed) expect(await customer.wallet('credits')).toEqual(before);
      }
      await ledger.settleAt(new Date(Date.parse(ledger.clock.now()) + 2 * HOUR).toISOString());
    }
    // The comparison is worth something only where every verdict came up.
    expect([...verdicts.keys()].sort()).toEqual([
      'BELOW_CREDIT_LIMIT',
      'INSUFFICIENT_CREDITS',
      'NO_SUBSCRIPTION',
      'PURCHASE_REQUIRED',
      'allowed',
      'not metered',
    ]);
    for (const [verdict, count] of verdicts) expect([verdict, count >= 3]).toEqual([verdict, true]);
  }, 60_000);

  it('knows nobody before the first command', async () => {
    expect(await refusal(ledger.customer().access('call'))).toMatchObject({ reason: 'CUSTOMER_UNKNOWN' });
  });

  it('asks for one unit unless told otherwise', async () => {
    const customer = ledger.customer();
    await customer.start('blocks');
    expect(await customer.access('call')).toMatchObject({
      credits: '1.5',
      wallet: { totalAvailable: '20' },
      revision: customer.revision,
    });
  });
});
