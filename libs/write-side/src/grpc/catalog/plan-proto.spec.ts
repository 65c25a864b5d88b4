import { describe, expect, it } from '@jest/globals';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import * as fc from 'fast-check';
import { loaderOptions, protoFiles, type rpc } from '#contracts';
import {
  Amount,
  type IncludedCredits,
  type LowCreditLimit,
  type PlanCredit,
  type PlanTerms,
  type PriceSchedule,
  type PriceTier,
  type PricedCredits,
  type ResetInterval,
} from '#domain';
import { planTermsFromProto } from './plan-from-proto.js';
import { planTermsToProto } from './plan-to-proto.js';

/** Not negative, as every amount in a plan. */
const amount = fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }).map((units) => Amount.ofUnits(units));
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
/** Anything but '', which on the wire means "not given". */
const text = fc.string({ minLength: 1, unit: 'grapheme' });
const count = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const priority = fc.integer({ min: 0, max: 1_000_000 });

const interval: fc.Arbitrary<ResetInterval> = fc.record({
  unit: fc.constantFrom('hour', 'day', 'week', 'month', 'year'),
  count,
});

const bounds = { firstUnit: amount, lastUnit: orNull(amount), flatFee: orNull(amount) };
const tier: fc.Arbitrary<PriceTier> = fc.oneof(
  fc.record({ ...bounds, model: fc.constant('perUnit' as const), unitPrice: amount }),
  fc.record({
    ...bounds,
    model: fc.constant('perPackage' as const),
    packageSize: amount,
    packagePrice: amount,
  }),
  fc.record({ ...bounds, model: fc.constant('flat' as const), flatPrice: amount }),
  fc.record({ ...bounds, model: fc.constant('percentage' as const), percent: amount }),
);

const schedule: fc.Arbitrary<PriceSchedule> = fc.record({
  kind: fc.constantFrom('graduated', 'volume'),
  currency: text,
  taxPercent: orNull(amount),
  tiers: fc.array(tier, { maxLength: 4 }),
});

const included: fc.Arbitrary<IncludedCredits> = fc.record({
  allowance: amount,
  resetInterval: interval,
  rollover: orNull(fc.record({ cap: orNull(amount), periods: count })),
  priority,
});

const priced: fc.Arbitrary<PricedCredits> = fc.record({
  commitment: fc.constantFrom('upfront', 'payAsYouGo'),
  topUp: orNull(schedule),
  recurring: orNull(fc.record({ quantity: amount, billingInterval: interval, schedule })),
  priority,
});

const lowCreditLimit: fc.Arbitrary<LowCreditLimit> = fc.record({
  threshold: amount,
  action: fc.constantFrom('alert', 'restrict'),
});

const credit: fc.Arbitrary<PlanCredit> = fc
  .record({
    creditSystem: text,
    included: orNull(included),
    priced: orNull(priced),
    onEmpty: fc.constantFrom('block' as const, 'payAsYouGo' as const),
    lowCreditLimit: orNull(lowCreditLimit),
    mandatoryPurchase: fc.boolean(),
    expiresAfter: orNull(text),
    minQuantity: orNull(amount),
    maxQuantity: orNull(amount),
  })
  // Paid afterwards, yet blocked: no plan can say so.
  .filter(({ priced: terms, onEmpty }) => terms?.commitment !== 'payAsYouGo' || onEmpty !== 'block');

const planTerms: fc.Arbitrary<PlanTerms> = fc.record({
  name: text,
  timeZone: text,
  credits: fc.array(credit, { maxLength: 3 }),
  features: fc.array(
    fc.record({ feature: text, creditSystem: text, creditCost: amount, prepaid: fc.boolean() }),
    { maxLength: 3 },
  ),
});

const planMessage = loadSync(protoFiles(), loaderOptions)['purser.v1.PlanTerms'] as MessageTypeDefinition<
  rpc.PlanTerms,
  rpc.PlanTerms
>;

describe('a plan on the wire', () => {
  it('arrives as it was sent, whatever it says', () => {
    fc.assert(
      fc.property(planTerms, (terms) => {
        const sent = planMessage.serialize(planTermsToProto(terms));
        expect(planTermsFromProto(planMessage.deserialize(sent))).toEqual(terms);
      }),
      { numRuns: 500 },
    );
  });

  it('takes what is left out for its default', () => {
    const bare = planMessage.deserialize(
      planMessage.serialize({
        name: 'Bare',
        credits: [{ creditSystem: 'c' }],
        features: [{ feature: 'f', creditSystem: 'c', creditCost: '1' }],
      } as unknown as rpc.PlanTerms),
    );
    expect(planTermsFromProto(bare)).toMatchObject({
      timeZone: 'UTC',
      credits: [{ onEmpty: 'block', included: null, priced: null, expiresAfter: null, minQuantity: null }],
      features: [{ prepaid: true }],
    });
  });

  it.each([
    ['as never blocked, where nothing is said', {}, 'payAsYouGo'],
    ['as blocked where that is said, for the rules to refuse', { onEmpty: 'BLOCK' }, 'block'],
  ])('reads credits that are paid afterwards %s', (_, said, onEmpty) => {
    const schedule = {
      kind: 'GRADUATED',
      currency: 'EUR',
      tiers: [{ firstUnit: '0', model: 'FLAT', flatPrice: '1' }],
    };
    const plan = planMessage.deserialize(
      planMessage.serialize({
        name: 'Later',
        credits: [{ creditSystem: 'c', priced: { commitment: 'PAY_AS_YOU_GO', topUp: schedule }, ...said }],
      } as unknown as rpc.PlanTerms),
    );
    expect(planTermsFromProto(plan).credits[0]?.onEmpty).toBe(onEmpty);
  });
});
