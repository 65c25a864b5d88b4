import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { rpc } from '#contracts';
import { at, DAY, refusal, refusedWith, time } from '../support/ledger-client.js';
import { startLedger, type RunningLedger } from '../support/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startLedger();
}, 120_000);
afterAll(() => ledger.stop());

/** A plan that sells `ai-tokens` at one price per credit. */
const sellsAt = (unitPrice: string, credit: object = {}): Parameters<RunningLedger['publish']>[1] => ({
  name: `At ${unitPrice}`,
  credits: [
    {
      creditSystem: 'ai-tokens',
      priced: {
        topUp: {
          kind: 'GRADUATED',
          currency: 'EUR',
          tiers: [{ firstUnit: '0', model: 'PER_UNIT', unitPrice }],
        },
      },
      ...credit,
    },
  ],
  features: [{ feature: 'chat', creditSystem: 'ai-tokens', creditCost: '1' }],
});

describe('a purchase', () => {
  it('is priced tier by tier, with tax, and records price, payment reference and expiry in the grant', async () => {
    const customer = ledger.customer();
    await customer.start('pro');
    const bought = await customer.buy('ai-tokens', '6000', { paymentReference: 'in_4711' });
    // 1,000 × 0.012 + 4,000 × 0.01 + 1,000 × 0.008 = 60, and 8.5 % tax.
    expect(bought.price).toEqual({
      currency: 'USD',
      subtotal: '60',
      tax: '5.1',
      total: '65.1',
      lines: [
        { description: expect.stringContaining('1000'), quantity: '1000', amount: '12' },
        { description: expect.stringContaining('4000'), quantity: '4000', amount: '40' },
        { description: expect.stringContaining('1000'), quantity: '1000', amount: '8' },
      ],
    });
    const wallet = await customer.wallet('ai-tokens');
    const grant = wallet.grants.find(({ grantId }) => grantId === bought.grantId);
    expect(grant).toMatchObject({
      source: 'PURCHASED',
      granted: '6000',
      available: '6000',
      origin: {
        kind: 'TOP_UP',
        plan: { id: 'pro', version: 1 },
        paymentReference: 'in_4711',
        price: bought.price,
        automatic: false,
      },
    });
    const days = (Date.parse(at(bought.expiresAt) ?? '') - Date.parse(at(grant?.grantedAt) ?? '')) / DAY;
    // P12M, from today.
    expect([365, 366]).toContain(days);
    expect(grant?.expiresAt).toEqual(bought.expiresAt);
  });

  it('is priced by the version that the subscription is pinned to, whatever has been published since', async () => {
    await ledger.publish('pinned', sellsAt('0.5'));
    const early = ledger.customer();
    await early.start('pinned');
    await ledger.publish('pinned', sellsAt('0.9'));
    const late = ledger.customer();
    await late.start('pinned');

    const first = await early.buy('ai-tokens', '10');
    const second = await late.buy('ai-tokens', '10');
    expect([first.price?.total, second.price?.total]).toEqual(['5', '9']);
    const origins = [await early.wallet('ai-tokens'), await late.wallet('ai-tokens')];
    expect(origins.map(({ grants: [grant] }) => grant?.origin?.plan)).toEqual([
      { id: 'pinned', version: 1 },
      { id: 'pinned', version: 2 },
    ]);
    await early.change('start 1', 'pinned');
    expect((await early.buy('ai-tokens', '10')).price?.total).toBe('9');
  });

  it('that is retried counts once, and is a conflict with other content', async () => {
    const customer = ledger.customer();
    await customer.start('pro');
    const first = await customer.buy('ai-tokens', '500', { key: 'top-up' });
    const [again, once] = await Promise.all([
      customer.buy('ai-tokens', '500', { key: 'top-up' }),
      customer.buy('ai-tokens', '500.000', { key: 'top-up' }),
    ]);
    expect([again, once]).toEqual([
      { ...first, duplicate: true },
      { ...first, duplicate: true },
    ]);
    expect((await customer.wallet('ai-tokens')).purchased).toBe('500');
    for (const other of [
      customer.buy('ai-tokens', '501', { key: 'top-up' }),
      customer.buy('ai-tokens', '500', { key: 'top-up', paymentReference: 'invoice 2' }),
    ])
      expect(await refusal(other)).toEqual(refusedWith('IDEMPOTENCY_KEY_REUSED'));
    expect((await customer.wallet('ai-tokens')).purchased).toBe('500');
  });

  it('sent twenty times at once counts once', async () => {
    const customer = ledger.customer();
    await customer.start('pro');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => customer.buy('ai-tokens', '500', { key: 'impatient' })),
    );
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(answers.map(({ revision, grantId }) => `${revision} ${grantId}`)).size).toBe(1);
    expect((await customer.wallet('ai-tokens')).purchased).toBe('500');
  });

  it.each([
    ['499.999999', { minimum: '500', maximum: '1000000' }],
    ['1000000.5', { minimum: '500', maximum: '1000000' }],
  ])('of %s credits is refused with the limits of the plan', async (quantity, limits) => {
    const customer = ledger.customer();
    await customer.start('pro');
    expect(await refusal(customer.buy('ai-tokens', quantity))).toEqual(
      refusedWith('QUANTITY_OUT_OF_RANGE', { quantity, ...limits }),
    );
    expect((await customer.buy('ai-tokens', limits.minimum)).price?.subtotal).toBe('6');
    expect((await customer.buy('ai-tokens', limits.maximum)).wallet?.purchased).toBe('1000500');
  });

  it('is refused with the reason where nobody sells the credits, and nothing is granted', async () => {
    const stranger = ledger.customer();
    expect(await refusal(stranger.buy('ai-tokens', '500'))).toEqual(refusedWith('CUSTOMER_UNKNOWN'));
    const customer = ledger.customer();
    await customer.grant('ai-tokens', '1');
    expect(await refusal(customer.buy('ai-tokens', '500'))).toEqual(refusedWith('NO_SUBSCRIPTION'));
    await customer.start('free');
    expect(await refusal(customer.buy('ai-tokens', '500'))).toEqual(refusedWith('NOT_FOR_SALE'));
    expect(await refusal(customer.buy('no-such', '500'))).toEqual(refusedWith('CREDIT_SYSTEM_UNKNOWN'));
    expect(await refusal(customer.buy('ai-tokens', '0'))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      fields: ['quantity'],
    });
    expect((await customer.wallet('ai-tokens')).purchased).toBe('0');
  });

  it('names the subscription where several sell the credits', async () => {
    const customer = ledger.customer();
    await customer.start('pro', { subscriptionId: 'one' });
    await customer.start('scale', { subscriptionId: 'two' });
    expect(await refusal(customer.buy('ai-tokens', '1000'))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'COMMAND_MALFORMED',
      fields: ['subscription_id'],
    });
    const { price } = await customer.buy('ai-tokens', '1000', { subscriptionId: 'two' });
    // Volume: 1,000 × 0.009.
    expect(price).toMatchObject({ subtotal: '9', tax: '0', total: '9' });
    expect(await refusal(customer.buy('ai-tokens', '1000', { subscriptionId: 'three' }))).toEqual(
      refusedWith('SUBSCRIPTION_UNKNOWN'),
    );
  });
});

describe('a recurring pack', () => {
  it('is granted and priced each billing interval, those of the past one by one', async () => {
    const customer = ledger.customer();
    const startsAt = ledger.fromNow(-65 * DAY);
    await customer.start('compute-team', { startsAt, subscriptionId: 'team' });
    const history = await customer.transactions({
      creditSystem: 'compute-hours',
      types: ['PURCHASED'],
    });
    const packs = await Promise.all(history.map(({ transactionId }) => customer.transaction(transactionId)));
    expect(packs.map(({ origin }) => [origin?.kind, origin?.period?.index])).toEqual([
      ['PACK', 0],
      ['PACK', 1],
      ['PACK', 2],
    ]);
    for (const { origin, transaction, cause } of packs) {
      // Volume, above 250: 500 × 0.039 + 4.90, and 19 % tax.
      expect(origin?.price).toMatchObject({ currency: 'EUR', subtotal: '24.4', tax: '4.64', total: '29.04' });
      expect(origin?.price?.lines.map(({ amount }) => amount)).toEqual(['19.5', '4.9']);
      expect(origin?.plan).toEqual({ id: 'compute-team', version: 1 });
      expect(transaction?.change).toMatchObject({ purchased: '500', included: '0' });
      expect(cause?.kind).toBe('SETTLEMENT');
    }
    // Each happened when its interval began, not when it was recorded.
    expect(history.map(({ occurredAt }) => at(occurredAt))).toEqual(
      packs.map(({ origin }) => at(origin?.period?.start)),
    );
    expect(at(history[0]?.occurredAt)).toBe(at(startsAt));
    const wallet = await customer.wallet('compute-hours');
    expect(wallet.purchased).toBe('1500');
    const next = packs.at(-1)?.origin?.period?.end;
    const renewal = wallet.nextRenewal;
    expect(Date.parse(at(renewal?.at) ?? '')).toBeLessThanOrEqual(Date.parse(at(next) ?? ''));
    expect(renewal).toMatchObject({ subscriptionId: 'team' });
  });

  it('satisfies a plan that requires a purchase', async () => {
    await ledger.publish('pack-only', {
      ...sellsAt('1'),
      credits: [
        {
          creditSystem: 'ai-tokens',
          mandatoryPurchase: true,
          priced: {
            recurring: {
              quantity: '7.5',
              billingInterval: { unit: 'HOUR', count: 6 },
              schedule: {
                kind: 'VOLUME',
                currency: 'KWD',
                tiers: [{ firstUnit: '0', model: 'FLAT', flatPrice: '0.005' }],
              },
            },
          },
        },
      ],
    });
    const customer = ledger.customer();
    await customer.start('pack-only');
    expect(await customer.ask('chat', '7')).toMatchObject({ outcome: 'DEBITED' });
    const [grant] = (await customer.wallet('ai-tokens')).grants;
    expect(grant?.origin?.price).toMatchObject({ currency: 'KWD', total: '0.005' });
  });
});

describe('voiding a grant', () => {
  it('takes back what is left and says what was consumed already', async () => {
    const customer = ledger.customer();
    await customer.start('pro', { startsAt: ledger.fromNow(DAY) });
    await customer.start('prepaid-void', await prepaid());
    const { grantId } = await customer.buy('ai-tokens', '100', { subscriptionId: 'prepaid' });
    await customer.use('chat', '30');
    await customer.hold('ai-tokens', '10', { holdId: 'h' });
    expect(await customer.void('ai-tokens', grantId, { actor: 'finance' })).toMatchObject({
      voided: '60',
      consumed: '30',
      wallet: { purchased: '0', held: '10', totalAvailable: '0' },
      duplicate: false,
    });
    // What a hold gives back later is taken back as well.
    await customer.release('h');
    expect(await customer.wallet('ai-tokens')).toMatchObject({ totalAvailable: '0', held: '0' });
    expect(await refusal(customer.void('ai-tokens', grantId))).toEqual(
      refusedWith('GRANT_SPENT', { granted: '100', consumed: '30', held: '0', expired: '0', voided: '70' }),
    );
    const voids = await customer.transactions({ types: ['VOIDED'] });
    expect(voids.map(({ change }) => change?.purchased)).toEqual(['-60', '-10']);
    expect(await customer.transaction(voids[0]?.transactionId ?? '')).toMatchObject({
      reason: 'by mistake',
      cause: { kind: 'COMMAND', actor: 'finance' },
    });
  });

  it('of a grant that there is not, or whose credits are all consumed, is refused with the numbers', async () => {
    const customer = ledger.customer();
    await customer.start('prepaid-void', await prepaid());
    const { grantId } = await customer.buy('ai-tokens', '5');
    expect(await refusal(customer.void('ai-tokens', 'no such'))).toEqual(refusedWith('GRANT_UNKNOWN'));
    expect(await refusal(customer.void('egress', grantId))).toEqual(refusedWith('GRANT_UNKNOWN'));
    await customer.use('chat', '5');
    expect(await refusal(customer.void('ai-tokens', grantId))).toEqual(
      refusedWith('GRANT_SPENT', { granted: '5', consumed: '5', held: '0', expired: '0', voided: '0' }),
    );
  });

  async function prepaid(): Promise<Partial<rpc.StartSubscriptionRequest>> {
    await ledger.publish('prepaid-void', sellsAt('0.1'));
    return { subscriptionId: 'prepaid' };
  }
});

describe('promotional credits', () => {
  it('live as long as the plan of the customer says, unless they say so themselves', async () => {
    const customer = ledger.customer();
    const effectiveAt = time('2096-01-31');
    const ends = async (rest: Partial<rpc.GrantCreditsRequest> = {}): Promise<string | null> =>
      at((await customer.grant('seat-credits', '1', { effectiveAt, ...rest })).expiresAt);
    expect(await ends()).toBeNull();
    await customer.start('seats-annual');
    expect(await ends()).toBe('2097-01-31T00:00:00.000Z');
    expect(await ends({ expiresAfter: 'P1M' })).toBe('2096-02-29T00:00:00.000Z');
    expect(await ends({ expiresAt: time('2096-02-01') })).toBe('2096-02-01T00:00:00.000Z');
  });
});
