import { describe, expect, it } from '@jest/globals';
import { MOST_CREDITS } from '../account/wallet/most-credits.js';
import { Amount } from '../amount/index.js';
import type { PriceScheduleDraft } from '../rating/index.js';
import { instant, type ResetInterval } from '../time/index.js';
import {
  decideCatalog,
  evolveCatalog,
  initialCatalog,
  type Catalog,
  type CatalogCommand,
  type PlanCreditDraft,
  type PlanDraft,
} from './index.js';

const now = instant('2026-11-22T10:00:00Z');
const amount = (text: string) => Amount.parse(text);
const monthly: ResetInterval = { unit: 'month', count: 1 };
const price: PriceScheduleDraft = {
  kind: 'graduated',
  currency: 'EUR',
  tiers: [{ firstUnit: Amount.zero, model: 'perUnit', unitPrice: amount('0.3') }],
};

const catalog = ['AI Tokens', 'API calls'].reduce((state: Catalog, name) => {
  const decision = decideCatalog(
    state,
    { type: 'DefineCreditSystem', name, key: name, fingerprint: name },
    { now },
  );
  return decision.kind === 'decided' ? decision.events.reduce(evolveCatalog, state) : state;
}, initialCatalog);

/** Every fault of the draft, `path: message`. */
function faultsOf(draft: PlanDraft, planId = 'pro'): readonly string[] {
  const command: CatalogCommand = { type: 'SavePlanDraft', planId, draft, key: 'k', fingerprint: 'f' };
  const decision = decideCatalog(catalog, command, { now });
  if (decision.kind !== 'rejected') return [];
  expect(decision.reason).toBe('PLAN_INVALID');
  return (decision.faults ?? []).map(({ path, message }) => `${path}: ${message}`);
}
const withCredit = (credit: Omit<PlanCreditDraft, 'creditSystem'>): PlanDraft => ({
  name: 'Pro',
  credits: [{ creditSystem: 'ai-tokens', ...credit }],
});

describe('a plan draft', () => {
  it('may say everything at once', () => {
    const draft: PlanDraft = {
      name: 'Pro',
      timeZone: 'Europe/Berlin',
      credits: [
        {
          creditSystem: 'ai-tokens',
          included: {
            allowance: amount('500'),
            resetInterval: monthly,
            rollover: { cap: amount('100'), periods: 2 },
            priority: 10,
          },
          priced: {
            commitment: 'upfront',
            topUp: price,
            recurring: { quantity: amount('1000'), billingInterval: monthly, schedule: price },
            priority: 60,
          },
          onEmpty: 'payAsYouGo',
          lowCreditLimit: { threshold: amount('50'), action: 'restrict' },
          mandatoryPurchase: true,
          expiresAfter: 'P3M',
          minQuantity: amount('10'),
          maxQuantity: amount('10'),
        },
        {
          creditSystem: 'api-calls',
          included: { allowance: amount('0.5'), resetInterval: { unit: 'hour', count: 36 } },
        },
      ],
      features: [
        { feature: 'image-generation', creditSystem: 'ai-tokens', creditCost: amount('1') },
        { feature: 'api call', creditSystem: 'api-calls', creditCost: Amount.zero, prepaid: false },
      ],
    };
    expect(faultsOf(draft)).toEqual([]);
  });

  it('may say next to nothing', () => {
    expect(faultsOf({ name: 'Free' })).toEqual([]);
  });

  it('is refused with every fault named at once, by path', () => {
    const minus = amount('-1');
    const broken: PlanDraft = {
      name: '',
      timeZone: 'Europe/Atlantis',
      credits: [
        {
          creditSystem: 'unknown',
          included: {
            allowance: Amount.zero,
            resetInterval: { unit: 'day', count: 0 },
            rollover: { cap: minus, periods: 0 },
            priority: 0.5,
          },
          priced: {
            commitment: 'payAsYouGo',
            topUp: {
              ...price,
              tiers: [
                { firstUnit: amount('1'), lastUnit: amount('10'), model: 'perUnit', unitPrice: minus },
                { firstUnit: amount('20'), lastUnit: amount('30'), model: 'flat', flatPrice: amount('1') },
              ],
            },
            recurring: {
              quantity: Amount.zero,
              billingInterval: { unit: 'month', count: 1.5 },
              schedule: { ...price, currency: 'EURO', tiers: [] },
            },
            priority: -1,
          },
          onEmpty: 'block',
          lowCreditLimit: { threshold: minus, action: 'alert' },
          expiresAfter: '3 months',
          minQuantity: amount('11'),
          maxQuantity: amount('10'),
        },
        { creditSystem: 'unknown', mandatoryPurchase: true, minQuantity: minus, maxQuantity: Amount.zero },
      ],
      features: [
        { feature: 'images', creditSystem: 'api-calls', creditCost: minus },
        { feature: 'images', creditSystem: 'unknown', creditCost: amount('1') },
        { feature: ' ', creditSystem: 'unknown', creditCost: amount('1') },
      ],
    };
    expect(faultsOf(broken, 'not an id')).toEqual([
      `planId: letters, digits, '.', '_' and '-', beginning with a letter or digit: "not an id"`,
      'name: must not be empty',
      'timeZone: not an IANA time zone: "Europe/Atlantis"',
      'credits[0].creditSystem: unknown credit system "unknown"',
      'credits[0].included.priority: a whole number from 0 to 1000000, not 0.5',
      'credits[0].included.allowance: must be positive, not 0',
      'credits[0].included.resetInterval: a positive whole multiple of a unit, below 1000 years, not 0 day',
      'credits[0].included.rollover.cap: must be positive, not -1',
      'credits[0].included.rollover.periods: a whole number from 1 to 1000, not 0',
      'credits[0].priced.priority: a whole number from 0 to 1000000, not -1',
      'credits[0].priced.topUp.tiers[0].firstUnit: the first tier begins at 0, not 1',
      'credits[0].priced.topUp.tiers[0].unitPrice: must not be negative: -1',
      'credits[0].priced.topUp.tiers[1].firstUnit: gap: the tier before ends at 10, so this one begins there or one unit after, not at 20',
      'credits[0].priced.topUp.tiers[1].lastUnit: the last tier is open-ended: leave its last unit out, not 30',
      'credits[0].priced.recurring: a pay-as-you-go recurring price: recurring credits are bought in advance (commitment upfront)',
      'credits[0].priced.recurring.quantity: must be positive, not 0',
      'credits[0].priced.recurring.billingInterval: a positive whole multiple of a unit, below 1000 years, not 1.5 month',
      'credits[0].priced.recurring.schedule.currency: not an ISO 4217 currency: "EURO"',
      'credits[0].priced.recurring.schedule.tiers: needs at least one tier',
      'credits[0].onEmpty: pay-as-you-go bills usage that no credits cover; with block there is none',
      'credits[0].lowCreditLimit.threshold: must not be negative: -1',
      'credits[0].expiresAfter: not a positive ISO 8601 duration of at most 1,000 years (P3M, P30D): "3 months"',
      'credits[0].minQuantity: 11 is above the maximum quantity 10',
      'credits[1].creditSystem: "unknown" is attached already by credits[0]',
      'credits[1].mandatoryPurchase: requires a purchase, but no credits are for sale',
      'credits[1].minQuantity: must not be negative: -1',
      'credits[1].maxQuantity: must be positive, not 0',
      'features[0].creditSystem: "api-calls" is not attached to the plan (credits)',
      'features[0].creditCost: must not be negative: -1',
      'features[1].feature: "images" has its cost already at features[0]',
      'features[2].feature: must not be empty',
    ]);
  });

  it.each([
    ['rollover.cap', { rollover: { cap: Amount.zero, periods: 1 } }],
    ['rollover.periods', { rollover: { periods: 1.5 } }],
    ['rollover.periods', { rollover: { periods: 1001 } }],
    ['priority', { priority: 1_000_001 }],
  ])('is refused for the %s of what is included: %j', (path, more) => {
    const included = { allowance: amount('1'), resetInterval: monthly, ...more };
    expect(faultsOf(withCredit({ included }))).toEqual([
      expect.stringContaining(`credits[0].included.${path}: `),
    ]);
  });

  it.each([{ priority: 0 }, { priority: 1_000_000 }, { rollover: { periods: 1000 } }])(
    'may go as far as the limits of what is included: %j',
    (more) => {
      const included = { allowance: amount('1'), resetInterval: monthly, ...more };
      expect(faultsOf(withCredit({ included }))).toEqual([]);
    },
  );

  it('is told of an interval that is none once, whatever rolls over by it', () => {
    const included = {
      allowance: amount('1'),
      resetInterval: { unit: 'day' as const, count: 0 },
      rollover: { periods: 1 },
    };
    expect(faultsOf(withCredit({ included }))).toEqual([
      expect.stringContaining('credits[0].included.resetInterval: '),
    ]);
  });

  it.each([
    ['priced.recurring.quantity', { quantity: amount('-1'), schedule: price }],
    ['priced.recurring.schedule.tiers', { quantity: amount('1'), schedule: { ...price, tiers: [] } }],
  ])('is refused for a pack that cannot be priced: %s', (path, pack) => {
    const recurring = { billingInterval: monthly, ...pack };
    expect(faultsOf(withCredit({ priced: { recurring } }))).toEqual([
      expect.stringContaining(`credits[0].${path}: `),
    ]);
  });

  it('is refused when its time zone is one that no calendar computes with', () => {
    expect(faultsOf({ name: 'Pro', timeZone: 'PST' })).toEqual(['timeZone: not an IANA time zone: "PST"']);
  });

  it('is refused when credits are priced without a price', () => {
    expect(faultsOf(withCredit({ priced: {} }))).toEqual([
      'credits[0].priced: has no price: give one for top-ups, a recurring one, or both',
    ]);
  });

  it('is refused when the price of a pack could not be counted: nobody is there to be refused when it falls due', () => {
    const pack = (unitPrice: string) => {
      const quantity = amount('1000000000000');
      const schedule = {
        ...price,
        tiers: [{ firstUnit: Amount.zero, model: 'perUnit' as const, unitPrice: amount(unitPrice) }],
      };
      return withCredit({ priced: { recurring: { quantity, billingInterval: monthly, schedule } } });
    };
    expect(faultsOf(pack('999999'))).toEqual([]);
    expect(faultsOf(pack('1000000'))).toEqual([
      expect.stringMatching(
        /^credits\[0\]\.priced\.recurring\.schedule: the price of 1000000000000 cannot be counted/,
      ),
    ]);
  });

  it('grants no more in a period than a wallet holds a hundred thousand times: time alone must not fill it', () => {
    const granting = (credits: string) =>
      withCredit({
        included: { allowance: amount(credits), resetInterval: { unit: 'hour', count: 1 } },
        priced: { recurring: { quantity: amount(credits), billingInterval: monthly, schedule: price } },
      });
    expect(faultsOf(granting('1000000000000'))).toEqual([]);
    expect(amount('1000000000000').units * 100_000n).toBe(MOST_CREDITS.units);
    expect(faultsOf(granting('1000000000000.000000000001'))).toEqual([
      'credits[0].included.allowance: at most 1000000000000 credits a period, not 1000000000000.000000000001',
      'credits[0].priced.recurring.quantity: at most 1000000000000 credits a period, not 1000000000000.000000000001',
    ]);
  });

  it('bills usage when credits are priced pay-as-you-go, unless it says otherwise', () => {
    expect(faultsOf(withCredit({ priced: { commitment: 'payAsYouGo', topUp: price } }))).toEqual([]);
  });

  it('is refused when credits would roll over beyond the calendar', () => {
    const included = {
      allowance: amount('1'),
      resetInterval: { unit: 'year' as const, count: 10 },
      rollover: { periods: 1000 },
    };
    expect(faultsOf(withCredit({ included }))).toEqual([
      'credits[0].included.rollover.periods: 1000 periods last more than a thousand years',
    ]);
  });

  it('is refused when credits would expire the moment they are bought', () => {
    expect(faultsOf(withCredit({ expiresAfter: 'P0D' }))).toHaveLength(1);
  });

  it('is refused when it is larger than any plan, without going through it', () => {
    const credit: PlanCreditDraft = { creditSystem: 'unknown' };
    expect(faultsOf({ name: 'Pro', credits: Array.from({ length: 101 }, () => credit) })).toEqual([
      'credits: at most 100, not 101',
    ]);
    const feature = { feature: 'x', creditSystem: 'unknown', creditCost: Amount.zero };
    expect(faultsOf({ name: 'Pro', features: Array.from({ length: 1001 }, () => feature) })).toEqual([
      'features: at most 1000, not 1001',
    ]);
  });

  it('may have a hundred credits and a thousand features', () => {
    const credits = Array.from({ length: 100 }, (): PlanCreditDraft => ({ creditSystem: 'unknown' }));
    expect(faultsOf({ name: 'Pro', credits })).not.toContainEqual(expect.stringMatching(/^credits: /));
    const features = Array.from({ length: 1000 }, (_, index) => ({
      feature: `feature ${index}`,
      creditSystem: 'ai-tokens',
      creditCost: Amount.zero,
    }));
    expect(faultsOf({ ...withCredit({}), features })).toEqual([]);
  });

  it('is told its faults in a few words, however much was sent', () => {
    const [fault] = faultsOf({ name: 'Pro' }, `?${'x'.repeat(63)}`);
    expect(fault).toContain(`"?${'x'.repeat(63)}"`);
    const [zone] = faultsOf({ name: 'Pro', timeZone: 'x'.repeat(65) });
    expect(zone).toBe(`timeZone: not an IANA time zone: "${'x'.repeat(64)}…"`);
  });
});
