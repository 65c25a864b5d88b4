import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startClockedLedger, type ClockedLedger } from '../support/clocked-ledger.js';
import { at, HOUR, refusal, refusedWith, time } from '../support/ledger-client.js';
import { EXAMPLES } from '../support/running-ledger.js';

let ledger: ClockedLedger;
beforeAll(async () => {
  ledger = await startClockedLedger('2026-01-31T12:00:00Z');
  await ledger.applyPlans(...EXAMPLES);
}, 60_000);
afterAll(() => ledger.stop());

describe('a subscription', () => {
  it('starts now, pinned to the latest version of its plan, with its allowance and its pack', async () => {
    const customer = ledger.customer();
    expect(await customer.start('compute-team', { subscriptionId: 'team', actor: 'sales' })).toMatchObject({
      subscriptionId: 'team',
      plan: { id: 'compute-team', version: 1 },
      startsAt: time('2026-01-31T12:00:00Z'),
      wallets: [
        { creditSystem: 'compute-hours', included: '100', purchased: '500', totalAvailable: '600' },
        { creditSystem: 'egress', included: '1000', purchased: '0', totalAvailable: '1000' },
      ],
      duplicate: false,
    });
  });

  it('that starts in the past gets the allowances it missed one by one, each at its own time', async () => {
    const customer = ledger.customer();
    await customer.start('pro', { subscriptionId: 'sub', startsAt: time('2025-10-31T12:00:00Z') });
    const granted = await customer.transactions({ creditSystem: 'ai-tokens', types: ['GRANTED'] });
    // The 31st, clamped where a month has none.
    expect(granted.map(({ occurredAt }) => at(occurredAt)?.slice(0, 10))).toEqual([
      '2025-10-31',
      '2025-11-30',
      '2025-12-31',
      '2026-01-31',
    ]);
    const rolledOver = await customer.transactions({ types: ['ROLLED_OVER'] });
    expect(rolledOver).toHaveLength(3);
    const wallet = await customer.wallet('ai-tokens');
    // This month's, and the capped rest of the last one.
    const usable = wallet.grants.filter(({ pendingExpiry }) => !pendingExpiry);
    expect(usable.map(({ available, origin }) => [available, origin?.kind])).toEqual([
      ['2500', 'ROLLOVER'],
      ['10000', 'ALLOWANCE'],
    ]);
  });

  it('that starts in the future gives nothing before, and everything from then on', async () => {
    const customer = ledger.customer();
    const startsAt = time('2026-02-01T00:00:00Z');
    expect(await customer.start('pro', { startsAt })).toMatchObject({ startsAt, wallets: [] });
    expect(await refusal(customer.ask('transcription', '1'))).toEqual(refusedWith('NO_SUBSCRIPTION'));
    expect(await customer.use('transcription', '1')).toMatchObject({ outcome: 'NOT_CREDIT_METERED' });
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      totalAvailable: '0',
      nextRenewal: { at: startsAt, amount: '10000' },
    });
    await ledger.settleAt('2026-02-01T00:00:00Z');
    expect(await customer.available('ai-tokens')).toBe('10000');
    expect(await customer.ask('transcription', '1')).toMatchObject({ outcome: 'DEBITED' });
  });

  it('of a plan nobody has published, or under an id that is taken, is refused', async () => {
    const customer = ledger.customer();
    expect(await refusal(customer.start('no-such'))).toEqual(refusedWith('PLAN_UNKNOWN'));
    expect(await refusal(customer.start('seats-enterprise'))).toEqual(refusedWith('PLAN_UNKNOWN'));
    expect(await refusal(customer.start('pro', { planVersion: 9 }))).toEqual(refusedWith('PLAN_UNKNOWN'));
    await customer.start('free', { subscriptionId: 'sub' });
    expect(await refusal(customer.start('pro', { subscriptionId: 'sub' }))).toEqual(
      refusedWith('SUBSCRIPTION_EXISTS'),
    );
    expect(await refusal(customer.start('free', { startsAt: time('1900-01-01') }))).toMatchObject({
      reason: 'COMMAND_MALFORMED',
      fields: ['starts_at'],
    });
  });
});

describe('a change of plan', () => {
  it('now ends the old allowance, says so in its event, and begins the new one at once', async () => {
    const customer = ledger.customer();
    await customer.start('pro', { subscriptionId: 'sub' });
    await customer.use('transcription', '1000', { id: 'u' });
    await customer.buy('ai-tokens', '500', { key: 'own' });
    const now = ledger.fromNow(0);
    expect(await customer.change('sub', 'scale', { actor: 'sales' })).toMatchObject({
      from: { id: 'pro', version: 1 },
      to: { id: 'scale', version: 1 },
      effectiveAt: now,
      wallets: [{ creditSystem: 'ai-tokens', included: '50000', purchased: '500' }],
    });
    const changed = (await customer.events()).find(({ type }) => type === 'SubscriptionChanged');
    expect(changed).toMatchObject({
      endedGrants: [
        { creditSystem: 'ai-tokens', grantId: 'sub/ai-tokens/allowance/0/0', expiresAt: at(now) },
      ],
      cause: { actor: 'sales' },
    });
    // The old allowance waits for late usage only; what was bought stays.
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      totalAvailable: '50500',
      included: '50000',
      purchased: '500',
      pendingExpiry: '9750',
    });
  });

  it('at the period’s end leaves everything as it is until then', async () => {
    await ledger.settleAt('2026-03-10T00:00:00Z');
    const customer = ledger.customer();
    await customer.start('pro', { subscriptionId: 'sub' });
    const effectiveAt = time('2026-04-10T00:00:00Z');
    expect(await customer.change('sub', 'free', { when: 'PERIOD_END' })).toMatchObject({ effectiveAt });
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      totalAvailable: '10000',
      nextRenewal: { at: effectiveAt, amount: '20' },
    });
    await ledger.settleAt('2026-04-09T23:59:59.999Z');
    expect(await customer.available('ai-tokens')).toBe('10000');
    await ledger.settleAt('2026-04-10T00:00:00Z');
    // The plan that was left rolls over at its period's end, as it promised.
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      included: '2520',
      grants: [
        { origin: { kind: 'ALLOWANCE', plan: { id: 'pro' } }, pendingExpiry: true },
        { origin: { kind: 'ALLOWANCE', plan: { id: 'free' } }, available: '20' },
        { origin: { kind: 'ROLLOVER' }, available: '2500' },
      ],
    });
    expect(await refusal(customer.buy('ai-tokens', '500'))).toEqual(refusedWith('NOT_FOR_SALE'));
  });

  it('replaces one that still waits, and can go to another version of the same plan', async () => {
    const customer = ledger.customer();
    await customer.start('free', { subscriptionId: 'sub' });
    await customer.change('sub', 'scale', { when: 'PERIOD_END' });
    await customer.change('sub', 'pro', { when: 'PERIOD_END', planVersion: 1 });
    await ledger.settleAt('2026-04-11T00:00:00Z');
    expect((await customer.wallet('ai-tokens')).included).toBe('10000');
  });

  it('of a subscription that there is not, or to no plan, is refused', async () => {
    const customer = ledger.customer();
    expect(await refusal(customer.change('sub', 'pro'))).toEqual(refusedWith('CUSTOMER_UNKNOWN'));
    await customer.start('free', { subscriptionId: 'sub' });
    expect(await refusal(customer.change('other', 'pro'))).toEqual(refusedWith('SUBSCRIPTION_UNKNOWN'));
    expect(await refusal(customer.change('sub', 'no-such'))).toEqual(refusedWith('PLAN_UNKNOWN'));
    expect(await refusal(customer.change('sub', 'pro', { planVersion: 2 }))).toEqual(
      refusedWith('PLAN_UNKNOWN'),
    );
  });
});

describe('a cancellation', () => {
  it('now ends the allowance and keeps what was bought', async () => {
    const customer = ledger.customer();
    await customer.start('pro', { subscriptionId: 'sub' });
    await customer.buy('ai-tokens', '500');
    const endsAt = ledger.fromNow(0);
    expect(await customer.cancel('sub', { actor: 'customer' })).toMatchObject({ endsAt });
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      totalAvailable: '500',
      pendingExpiry: '10000',
      nextRenewal: null,
    });
    const cancelled = (await customer.events()).find(({ type }) => type === 'SubscriptionCancelled');
    expect(cancelled).toMatchObject({ endedGrants: [{ creditSystem: 'ai-tokens', expiresAt: at(endsAt) }] });
    expect(await refusal(customer.ask('transcription', '1'))).toEqual(refusedWith('NO_SUBSCRIPTION'));
    expect(await refusal(customer.cancel('sub'))).toEqual(refusedWith('SUBSCRIPTION_CANCELLED'));
    expect(await refusal(customer.change('sub', 'free'))).toEqual(refusedWith('SUBSCRIPTION_CANCELLED'));
  });

  it('at the period’s end lets the period run out, renews nothing, and can still be made to end now', async () => {
    await ledger.settleAt('2026-05-01T00:00:00Z');
    const [patient, hasty] = [ledger.customer(), ledger.customer()];
    for (const customer of [patient, hasty]) {
      await customer.start('pro', { subscriptionId: 'sub' });
      expect(await customer.cancel('sub', { when: 'PERIOD_END' })).toMatchObject({
        endsAt: time('2026-06-01T00:00:00Z'),
      });
      expect(await customer.wallet('ai-tokens')).toMatchObject({
        totalAvailable: '10000',
        nextRenewal: null,
      });
    }
    expect(await refusal(patient.cancel('sub', { when: 'PERIOD_END' }))).toEqual(
      refusedWith('SUBSCRIPTION_CANCELLED'),
    );
    await hasty.cancel('sub');
    expect(await hasty.available('ai-tokens')).toBe('0');
    expect(await patient.ask('transcription', '4')).toMatchObject({ outcome: 'DEBITED' });
    await ledger.settleAt('2026-06-01T00:00:00Z');
    expect(await patient.wallet('ai-tokens')).toMatchObject({ totalAvailable: '0', pendingExpiry: '9999' });
    // With the day of grace over, it is recorded with no usage to wake the account.
    await ledger.settleAt('2026-06-02T00:00:00Z');
    const expired = await patient.transactions({ types: ['EXPIRED', 'ROLLED_OVER'] });
    expect(expired.map(({ type, change, occurredAt }) => [type, change?.included, at(occurredAt)])).toEqual([
      ['EXPIRED', '-9999', '2026-06-01T00:00:00.000Z'],
    ]);
  });
});

describe('several subscriptions of one customer', () => {
  it('renew each by its own anchor, in the time zone of its plan', async () => {
    await ledger.settleAt('2026-10-20T00:00:00Z');
    const customer = ledger.customer();
    await customer.start('free', { subscriptionId: 'daily', startsAt: time('2026-10-19T06:00:00Z') });
    await customer.start('scale', { subscriptionId: 'monthly', startsAt: time('2026-10-05T04:30:00Z') });
    await ledger.settleAt('2026-11-06T00:00:00Z');
    const granted = await customer.transactions({ types: ['GRANTED'] });
    const of = (subscription: string) =>
      granted
        .filter(({ grantId }) => grantId.startsWith(`${subscription}/`))
        .map(({ occurredAt }) => at(occurredAt));
    expect(of('daily')).toHaveLength(18);
    expect(new Set(of('daily').map((instant) => instant?.slice(11)))).toEqual(new Set(['06:00:00.000Z']));
    // Half past midnight in New York, before and after the clocks went back.
    expect(of('monthly')).toEqual(['2026-10-05T04:30:00.000Z', '2026-11-05T05:30:00.000Z']);
    expect((await customer.wallet('ai-tokens')).nextRenewal).toMatchObject({
      at: time('2026-11-06T06:00:00Z'),
      subscriptionId: 'daily',
      amount: '20',
    });
  });

  it('serve one feature by the one order: nearest expiry first, whichever subscription it came from', async () => {
    const customer = ledger.customer();
    await customer.start('scale', { subscriptionId: 'big', startsAt: ledger.fromNow(-2 * HOUR) });
    await customer.start('free', { subscriptionId: 'small', startsAt: ledger.fromNow(-HOUR) });
    await customer.grant('ai-tokens', '7', { key: 'gift', expiresAt: ledger.fromNow(2 * HOUR) });
    const { draws } = await customer.ask('transcription', '400');
    expect(draws.map(({ grantId, amount }) => [grantId, amount])).toEqual([
      ['promotion/gift', '7'],
      ['small/ai-tokens/allowance/0/0', '20'],
      ['big/ai-tokens/allowance/0/0', '73'],
    ]);
    // It is priced by the one that started first.
    const [debit] = await customer.transactions({ types: ['DEBITED'] });
    expect((await customer.transaction(debit?.transactionId ?? '')).usage).toMatchObject({
      subscriptionId: 'big',
      plan: { id: 'scale', version: 1 },
    });
    await customer.cancel('big');
    expect(await customer.available('ai-tokens')).toBe('0');
    await ledger.settleAt(new Date(Date.parse(at(ledger.fromNow(0)) ?? '') + 24 * HOUR).toISOString());
    expect(await customer.available('ai-tokens')).toBe('20');
  });
});

describe('reset intervals', () => {
  /** A ledger for each: years later the accounts of the others would have thousands of periods to catch up on. */
  let calendar: ClockedLedger;
  beforeEach(async () => {
    calendar = await startClockedLedger('2027-01-31T08:30:00Z');
    await calendar.applyPlans('examples/ai-tokens.yaml');
  }, 60_000);
  afterEach(() => calendar.stop());

  it.each([
    ['HOUR', 5, '2027-01-31T13:30:00.000Z', '2027-01-31T18:30:00.000Z'],
    ['DAY', 2, '2027-02-02T08:30:00.000Z', '2027-02-04T08:30:00.000Z'],
    ['WEEK', 3, '2027-02-21T08:30:00.000Z', '2027-03-14T08:30:00.000Z'],
    ['MONTH', 1, '2027-02-28T08:30:00.000Z', '2027-03-31T07:30:00.000Z'],
    ['YEAR', 4, '2031-01-31T08:30:00.000Z', '2035-01-31T08:30:00.000Z'],
  ] as const)('of any whole multiple: %s × %d', async (unit, count, first, second) => {
    const planId = `every-${count}-${unit}`.toLowerCase();
    await calendar.publish(planId, {
      name: planId,
      timeZone: 'Europe/Berlin',
      credits: [{ creditSystem: 'ai-tokens', included: { allowance: '3', resetInterval: { unit, count } } }],
    });
    await calendar.settleAt(second);
    const customer = calendar.customer();
    await customer.start(planId, { startsAt: time('2027-01-31T08:30:00Z') });
    const granted = await customer.transactions({ types: ['GRANTED'] });
    expect(granted.map(({ occurredAt }) => at(occurredAt))).toEqual([
      '2027-01-31T08:30:00.000Z',
      first,
      second,
    ]);
    expect(await customer.available('ai-tokens')).toBe('3');
  });
});
