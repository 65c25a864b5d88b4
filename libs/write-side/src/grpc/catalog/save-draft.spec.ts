import { describe, expect, it } from '@jest/globals';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { loaderOptions, protoFiles, type rpc } from '#contracts';
import { initialCatalog, instant, type Catalog, type Fault } from '#domain';
import { Refused } from '#platform';
import { saveDraftFromProto } from './save-draft.js';

const requestMessage = loadSync(protoFiles(), loaderOptions)[
  'purser.v1.SavePlanDraftRequest'
] as MessageTypeDefinition<rpc.SavePlanDraftRequest, rpc.SavePlanDraftRequest>;

const now = instant('2026-03-10T12:00:00Z');

const catalog: Catalog = {
  ...initialCatalog,
  creditSystems: {
    tokens: {
      key: 'tokens',
      name: 'Tokens',
      description: null,
      unitLabels: { singular: 'token', plural: 'tokens' },
      scale: 6,
      lateUsageGraceMs: 0,
    },
  },
};

/** As the loader delivers what a client sent; a client may send anything that the wire can carry. */
function request(sent: object): rpc.SavePlanDraftRequest {
  return requestMessage.deserialize(requestMessage.serialize(sent as rpc.SavePlanDraftRequest));
}

function faultsOf(sent: object): readonly Fault[] {
  try {
    saveDraftFromProto(request(sent), catalog, now);
  } catch (error) {
    if (error instanceof Refused) return error.rejection.faults ?? [];
    throw error;
  }
  return [];
}

const tier = { firstUnit: '0', model: 'PER_UNIT', unitPrice: '1' };
const schedule = { kind: 'GRADUATED', currency: 'EUR', tiers: [tier] };

function draft(credit: object, features: readonly object[] = []): object {
  return {
    idempotencyKey: 'k',
    planId: 'pro',
    terms: { name: 'Pro', credits: [{ creditSystem: 'tokens', ...credit }], features },
  };
}

describe('a malformed draft', () => {
  it('names every field that cannot be read and every contradiction of the others, at once', () => {
    const sent = {
      planId: 'pro plan',
      terms: {
        name: '',
        timeZone: 'Mars/Olympus',
        credits: [
          {
            creditSystem: 'tokens',
            included: { allowance: 'many' },
            priced: {
              topUp: {
                currency: 'XXX',
                tiers: [
                  { firstUnit: '0', lastUnit: '10', model: 'PER_UNIT', unitPrice: '1e3' },
                  { firstUnit: '12', model: 'FLAT', flatPrice: '1', percent: '5' },
                ],
              },
            },
            minQuantity: '10',
            maxQuantity: '5',
          },
        ],
        features: [{ feature: 'chat', creditSystem: 'coins', creditCost: '-1' }],
      },
    };
    expect(faultsOf(sent).map(({ path }) => path)).toEqual([
      'idempotency_key',
      'terms.credits[0].included.allowance',
      'terms.credits[0].included.reset_interval',
      'terms.credits[0].priced.top_up.kind',
      'terms.credits[0].priced.top_up.tiers[0].unit_price',
      'terms.credits[0].priced.top_up.tiers[1].percent',
      'terms.features[0].credit_cost',
      'plan_id',
      'terms.name',
      'terms.time_zone',
      'terms.credits[0].priced.top_up.currency',
      'terms.credits[0].priced.top_up.tiers[1].first_unit',
      'terms.credits[0].min_quantity',
      'terms.features[0].credit_system',
    ]);
  });

  it.each([
    ['no terms', { idempotencyKey: 'k', planId: 'pro' }, 'terms'],
    [
      'an interval of no unit',
      draft({ included: { allowance: '1', resetInterval: { count: 1 } } }),
      'terms.credits[0].included.reset_interval.unit',
    ],
    [
      'a tier of no model',
      draft({ priced: { topUp: { ...schedule, tiers: [{ firstUnit: '0' }] } } }),
      'terms.credits[0].priced.top_up.tiers[0].model',
    ],
    [
      'a pack of no price',
      draft({ priced: { recurring: { quantity: '5', billingInterval: { unit: 'MONTH', count: 1 } } } }),
      'terms.credits[0].priced.recurring.schedule',
    ],
    [
      'a limit of no action',
      draft({ lowCreditLimit: { threshold: '5' } }),
      'terms.credits[0].low_credit_limit.action',
    ],
    ['an amount of 13 decimals', draft({ minQuantity: '0.0000000000001' }), 'terms.credits[0].min_quantity'],
  ])('with %s is refused by path', (_, sent, path) => {
    expect(faultsOf(sent).map((fault) => fault.path)).toContain(path);
  });

  it('says nothing that follows from another fault alone', () => {
    expect(faultsOf({ idempotencyKey: 'k', planId: 'pro' })).toEqual([
      { path: 'terms', message: 'is missing' },
    ]);
    const unreadable = draft({ priced: { topUp: { ...schedule, tiers: [{ ...tier, firstUnit: 'zero' }] } } });
    expect(faultsOf(unreadable)).toHaveLength(1);
    expect(faultsOf(draft({ priced: { topUp: { ...schedule, tiers: [{ firstUnit: '0' }] } } }))).toHaveLength(
      1,
    );
  });
});

describe('the content of a draft', () => {
  it('is the same however its amounts are written, and another with another amount', () => {
    const of = (allowance: string) => {
      const included = { allowance, resetInterval: { unit: 'MONTH', count: 1 } };
      return saveDraftFromProto(request(draft({ included })), catalog, now).fingerprint;
    };
    expect(of('100.00')).toBe(of('100'));
    expect(of('101')).not.toBe(of('100'));
  });

  it('is the same as ever where no draft is expected, and another one with each that is', () => {
    const of = (expected: object) =>
      saveDraftFromProto(request({ ...draft({}), ...expected }), catalog, now).fingerprint;
    expect(of({})).toBe('e9a8f3423466a9d74cbfba89d57b5d68');
    const all = [of({}), of({ expectedDraftNumber: 0 }), of({ expectedDraftNumber: 1 })];
    expect(new Set(all).size).toBe(all.length);
  });

  it('does not depend on who sends it', () => {
    const sent = draft({ mandatoryPurchase: false });
    const mine = saveDraftFromProto(request({ ...sent, actor: 'me' }), catalog, now);
    const yours = saveDraftFromProto(request({ ...sent, actor: 'you' }), catalog, now);
    expect(mine.fingerprint).toBe(yours.fingerprint);
    expect(mine.actor).toBe('me');
  });
});
