import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, amount, catalogOf, perUnit, planOf, plans, prepaid, sells } from '../testing/catalogs.js';
import { cancel, change, hold, promotion, purchase, start } from '../testing/commands.js';

const day = '2026-01-31';

describe('a purchase', () => {
  it('is priced tier by tier by the plan, and says so in the grant', () => {
    const topUp = {
      kind: 'graduated',
      currency: 'EUR',
      taxPercent: amount(19),
      tiers: [
        { firstUnit: amount(0), lastUnit: amount(1000), model: 'perUnit', unitPrice: amount('0.3') },
        { firstUnit: amount(1001), lastUnit: amount(5000), model: 'perUnit', unitPrice: amount('0.2') },
        { firstUnit: amount(5001), model: 'perUnit', unitPrice: amount('0.1') },
      ],
    } as const;
    const account = given(
      plans(planOf({ priced: { topUp }, expiresAfter: 'P3M' }, { timeZone: 'Europe/Berlin' })),
      at(day, start()),
    );
    expect(account.when(at(day, purchase('P', 6000)))).toEqual([
      // 31 January 01:00 in Berlin and three months on: 30 April 01:00, in summer time.
      'granted 6000 purchased purchase/P from 2026-01-31 until 2026-04-29T23:00:00Z',
    ]);
    expect(account.account.events.at(-1)).toMatchObject({
      origin: {
        kind: 'topUp',
        subscriptionId: 'sub',
        plan: { id: 'plan', version: 1 },
        paymentReference: 'payment of P',
        automatic: false,
        price: {
          currency: 'EUR',
          subtotal: '1200',
          tax: '228',
          total: '1428',
          lines: [
            { quantity: '1000', amount: '300' },
            { quantity: '4000', amount: '800' },
            { quantity: '1000', amount: '100' },
          ],
        },
      },
    });
  });

  it('counts once however often it is sent', () => {
    const account = given(prepaid, at(day, start()));
    expect(
      account.when(
        at(day, purchase('P', 10)),
        at('2027-01-31', purchase('P', 10)),
        at('2027-01-31', purchase('P', 20)),
      ),
    ).toEqual([
      'granted 10 purchased purchase/P from 2026-01-31 until ever',
      'duplicate of revision 1',
      'rejected: IDEMPOTENCY_KEY_REUSED',
    ]);
    expect(account.availableAt('2027-01-31')).toBe('10');
  });

  it('keeps to the plan’s limits, both inclusive', () => {
    const account = given(
      plans(planOf({ ...sells, minQuantity: amount(10), maxQuantity: amount(20) })),
      at(day, start()),
    );
    expect(
      account.when(
        at(day, purchase('few', '9.99')),
        at(day, purchase('many', '20.01')),
        at(day, purchase('least', 10)),
        at(day, purchase('most', 20)),
        at(day, purchase('none', 0)),
      ),
    ).toEqual([
      'rejected: QUANTITY_OUT_OF_RANGE quantity 9.99 minimum 10 maximum 20',
      'rejected: QUANTITY_OUT_OF_RANGE quantity 20.01 minimum 10 maximum 20',
      'granted 10 purchased purchase/least from 2026-01-31 until ever',
      'granted 20 purchased purchase/most from 2026-01-31 until ever',
      'rejected: COMMAND_MALFORMED quantity',
    ]);
  });

  it.each([
    [{ minQuantity: amount(10) }, 9, { quantity: '9', minimum: '10' }, 'at least 10 credits'],
    [{ maxQuantity: amount(20) }, 21, { quantity: '21', maximum: '20' }, 'at most 20 credits'],
    [
      { minQuantity: amount(10), maxQuantity: amount(20) },
      9,
      { quantity: '9', minimum: '10', maximum: '20' },
      'at least 10 and at most 20 credits',
    ],
  ])('outside the plan’s limits is told which limits there are: %j', (limits, quantity, numbers, range) => {
    const account = given(plans(planOf({ ...sells, ...limits })), at(day, start()));
    const decision = account.decision(at(day, purchase('P', quantity)));
    expect(decision).toMatchObject({ message: `a purchase is of ${range}: ${quantity}` });
    expect(decision.kind === 'rejected' && decision.numbers).toEqual(numbers);
  });

  it('brings no wallet to more than is left to renewals, whatever is in it', () => {
    const account = given(prepaid, at(day, start()), at(day, purchase('P', '60000000000000000')));
    account.when(at(day, hold('h', '30000000000000000', '2026-03-01')));
    expect(
      account.when(
        at(day, purchase('Q', '40000000000000001')),
        at(day, promotion('A', '40000000000000001')),
        at(day, purchase('R', '40000000000000000')),
      ),
    ).toEqual([
      'rejected: COMMAND_MALFORMED quantity',
      'rejected: COMMAND_MALFORMED amount',
      'granted 40000000000000000 purchased purchase/R from 2026-01-31 until ever',
    ]);
  });

  it('is possible from the start of its subscription until it ends, cancelled or not', () => {
    const account = given(
      plans(planOf({ ...sells, ...allowance(1) })),
      at(day, start({ startsAt: '2026-02-01' })),
    );
    expect(
      account.when(
        at('2026-01-31T23:59:59Z', purchase('P', 1)),
        at('2026-01-31T23:59:59Z', purchase('Q', 1, { subscriptionId: 'sub' })),
        at('2026-02-01', purchase('R', 1)),
        at('2026-02-02', cancel('periodEnd')),
        at('2026-02-28', purchase('S', 1)),
        at('2026-03-01', purchase('T', 1)),
      ),
    ).toEqual([
      'rejected: NO_SUBSCRIPTION',
      'rejected: NO_SUBSCRIPTION',
      '~ granted 1 included sub/credits/allowance/0/0 from 2026-02-01 until 2026-03-01',
      'granted 1 purchased purchase/R from 2026-02-01 until ever',
      'cancelled sub at 2026-03-01',
      'granted 1 purchased purchase/S from 2026-02-28 until ever',
      'rejected: NO_SUBSCRIPTION',
    ]);
  });

  it('is at the price of the pinned version until the subscription changes to another', () => {
    const account = given(
      plans(planOf(sells), planOf({ priced: { topUp: perUnit('0.5') } })),
      at(day, start({ planVersion: 1 })),
      at(day, purchase('P', 10)),
      at(day, change(2, 'now')),
      at(day, purchase('Q', 10)),
    );
    const totals = account.account.events.flatMap((event) =>
      event.type === 'CreditsGranted' && event.origin.kind === 'topUp' ? [event.origin.price.total] : [],
    );
    expect(totals).toEqual(['1', '5']);
  });

  it('needs a subscription that sells the credits', () => {
    const account = given(plans(planOf({})), at(day, promotion('A', 1)));
    expect(
      account.when(
        at(day, purchase('P', 1)),
        at(day, start()),
        at(day, purchase('Q', 1)),
        at(day, purchase('Q', 1, { subscriptionId: 'sub' })),
        at(day, purchase('R', 1, { subscriptionId: 'other' })),
        at(day, purchase('S', 1, { creditSystem: 'none' })),
        at(day, cancel('now')),
        at(day, purchase('T', 1, { subscriptionId: 'sub' })),
      ),
    ).toEqual([
      'rejected: NO_SUBSCRIPTION',
      'started sub on plan 1 from 2026-01-31',
      'rejected: NOT_FOR_SALE',
      'rejected: NOT_FOR_SALE',
      'rejected: SUBSCRIPTION_UNKNOWN',
      'rejected: CREDIT_SYSTEM_UNKNOWN',
      'cancelled sub at 2026-01-31',
      'rejected: SUBSCRIPTION_CANCELLED',
    ]);
    expect(given(prepaid).when(at(day, purchase('P', 1)))).toEqual(['rejected: CUSTOMER_UNKNOWN']);
  });

  it('names its subscription where several sell the same credits', () => {
    const account = given(
      catalogOf([{ key: 'credits' }], {
        cheap: [planOf({ priced: { topUp: perUnit('0.1') } })],
        dear: [planOf({ priced: { topUp: perUnit('0.9') } })],
      }),
      at(day, start({ subscriptionId: 'a', planId: 'cheap' })),
      at(day, start({ subscriptionId: 'b', planId: 'dear' })),
    );
    expect(
      account.when(at(day, purchase('P', 1)), at(day, purchase('Q', 1, { subscriptionId: 'b' }))),
    ).toEqual([
      'rejected: COMMAND_MALFORMED subscriptionId',
      'granted 1 purchased purchase/Q from 2026-01-31 until ever',
    ]);
    expect(account.account.events.at(-1)).toMatchObject({ origin: { price: { total: '0.9' } } });
  });
});
