import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../support/customer.js';
import { refusal, refusedWith } from '../support/ledger-client.js';
import { startLedger, type RunningLedger } from '../support/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startLedger();
}, 120_000);
afterAll(() => ledger.stop());

async function on(planId: string): Promise<Customer> {
  const customer = ledger.customer();
  await customer.start(planId, { subscriptionId: 'sub' });
  return customer;
}

describe('when credits run out under a plan that blocks', () => {
  it('synchronous use is refused with the numbers, all or nothing, and leaves no trace', async () => {
    const customer = await on('free');
    await customer.ask('image-generation', '1');
    const before = await customer.events();
    expect(await refusal(customer.ask('image-generation', '1'))).toEqual(
      refusedWith('INSUFFICIENT_CREDITS', { available: '8', required: '12' }),
    );
    expect(await customer.access('image-generation')).toMatchObject({
      allowed: false,
      reason: 'INSUFFICIENT_CREDITS',
      credits: '12',
      numbers: { available: '8', required: '12' },
      message: expect.stringContaining('12'),
    });
    expect(await customer.events()).toEqual(before);
    expect(await customer.available('ai-tokens')).toBe('8');
  });

  it('metered use takes what there is, and the rest is recorded as blocked', async () => {
    const customer = await on('free');
    expect(await customer.use('image-generation', '2', { id: 'u1' })).toMatchObject({
      outcome: 'PARTIALLY_COVERED',
      credits: '24',
      draws: [{ amount: '20', source: 'INCLUDED' }],
      uncovered: '4',
      disposition: 'BLOCKED',
      wallet: { totalAvailable: '0' },
    });
    expect(await customer.use('image-generation', '1')).toMatchObject({
      outcome: 'UNCOVERED',
      draws: [],
      uncovered: '12',
    });
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      totalAvailable: '0',
      uncovered: '16',
      uncoveredBlocked: '16',
      uncoveredBillable: '0',
    });
    expect(await customer.alerts()).toMatchObject([
      { kind: 'usageUncovered', uncovered: '4', credits: '24', disposition: 'blocked', usage: { id: 'u1' } },
      { kind: 'usageUncovered', uncovered: '12' },
    ]);
  });
});

describe('when credits run out under pay as you go', () => {
  it('use goes on, and what no credits paid is billable', async () => {
    const customer = await on('scale');
    await customer.use('image-generation', '4166');
    expect(await customer.available('ai-tokens')).toBe('8');
    expect(await customer.access('image-generation')).toMatchObject({ allowed: true, credits: '12' });
    expect(await customer.ask('image-generation', '1')).toMatchObject({
      outcome: 'PARTIALLY_COVERED',
      draws: [{ amount: '8' }],
      uncovered: '4',
      disposition: 'BILLABLE',
    });
    expect(await customer.ask('image-generation', '1')).toMatchObject({
      outcome: 'UNCOVERED',
      uncovered: '12',
    });
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      totalAvailable: '0',
      uncoveredBlocked: '0',
      uncoveredBillable: '16',
    });
    // There is nothing to set aside beyond the balance.
    expect(await refusal(customer.hold('ai-tokens', '1'))).toEqual(
      refusedWith('INSUFFICIENT_CREDITS', { available: '0', required: '1' }),
    );
  });
});

describe('the low credit limit', () => {
  it('alerts once each time the balance falls below it, and tells when it has risen again', async () => {
    const customer = await on('pro');
    const lows = async () =>
      (await customer.alerts()).flatMap((alert) =>
        'available' in alert ? [[alert.kind, alert.threshold, alert.available]] : [],
      );
    await customer.use('transcription', '38000');
    expect(await lows()).toEqual([]);
    // At the limit, not below it.
    expect((await customer.wallet('ai-tokens')).low).toBe(false);
    await customer.use('transcription', '4');
    await customer.use('transcription', '4');
    const reached = ['lowBalanceReached', '500', '499'];
    expect(await lows()).toEqual([reached]);
    expect((await customer.wallet('ai-tokens')).low).toBe(true);
    // An alert holds nobody back.
    await customer.ask('transcription', '4');

    await customer.buy('ai-tokens', '500');
    const cleared = ['lowBalanceCleared', '500', '997'];
    expect(await lows()).toEqual([reached, cleared]);
    expect((await customer.wallet('ai-tokens')).low).toBe(false);
    await customer.use('transcription', '2000');
    expect(await lows()).toEqual([reached, cleared, ['lowBalanceReached', '500', '497']]);
  });

  it('that restricts refuses synchronous use below it with the numbers, and records what has happened', async () => {
    const customer = await on('api-business');
    expect(await customer.ask('standard-call', '24000')).toMatchObject({
      wallet: { totalAvailable: '1000' },
    });
    expect(await customer.ask('standard-call', '1')).toMatchObject({ outcome: 'DEBITED' });
    const refused = refusedWith('BELOW_CREDIT_LIMIT', { available: '999', threshold: '1000' });
    expect(await refusal(customer.ask('standard-call', '1'))).toEqual(refused);
    expect(await refusal(customer.hold('api-calls', '1'))).toEqual(refused);
    expect(await customer.access('standard-call')).toMatchObject({
      allowed: false,
      reason: 'BELOW_CREDIT_LIMIT',
      numbers: { available: '999', threshold: '1000' },
    });
    expect(await customer.use('standard-call', '1')).toMatchObject({ outcome: 'DEBITED' });
    expect(await customer.alerts()).toMatchObject([{ kind: 'lowBalanceReached', action: 'restrict' }]);
    await customer.buy('api-calls', '10000');
    expect(await customer.ask('standard-call', '1')).toMatchObject({ outcome: 'DEBITED' });
  });
});

describe('a plan that requires a purchase', () => {
  it('lets nobody in before credits were purchased under the subscription, whatever was given', async () => {
    const customer = await on('seats-prepaid');
    await customer.grant('seat-credits', '100');
    const refused = refusedWith('PURCHASE_REQUIRED');
    expect(await refusal(customer.ask('seat-month', '1'))).toEqual(refused);
    expect(await refusal(customer.hold('seat-credits', '1'))).toEqual(refused);
    expect(await customer.access('seat-month')).toMatchObject({
      allowed: false,
      reason: 'PURCHASE_REQUIRED',
    });
    // What has happened is recorded all the same.
    expect(await customer.use('seat-month', '1')).toMatchObject({ outcome: 'DEBITED' });
    // 12 × 3.125 + 1.5 Kuwaiti dinars
    expect((await customer.buy('seat-credits', '12')).price).toMatchObject({ currency: 'KWD', total: '39' });
    expect(await customer.access('seat-month')).toMatchObject({ allowed: true });
    expect(await customer.ask('seat-month', '1')).toMatchObject({ outcome: 'DEBITED' });
  });
});

describe('a feature that is not paid with credits', () => {
  it('is let through and costs nothing, known to the plan or not', async () => {
    const customer = await on('api-hobby');
    for (const feature of ['health-check', 'unheard-of']) {
      expect(await customer.access(feature)).toMatchObject({ allowed: true, creditMetered: false });
      expect(await customer.ask(feature, '1000000')).toMatchObject({
        outcome: 'NOT_CREDIT_METERED',
        credits: '0',
        wallet: null,
      });
    }
    expect(await customer.available('api-calls')).toBe('250');
  });
});

describe('a debit', () => {
  it('is the quantity times the credit cost, exactly, rounded once to the scale of the credit system', async () => {
    const customer = await on('free');
    // 0.5 per 1,000 tokens
    expect(await customer.ask('chat-completion', '1')).toMatchObject({ credits: '0.0005' });
    expect(await customer.ask('embedding', '0.005')).toMatchObject({ credits: '0' });
    expect(await customer.ask('embedding', '0.015')).toMatchObject({ credits: '0.000002' });
    expect(await customer.available('ai-tokens')).toBe('19.999498');
    const team = await on('compute-team');
    // 0.00125 → half-even to four decimals
    expect(await team.ask('memory-gb-hour', '0.01')).toMatchObject({ credits: '0.0012' });
  });

  it('is refused for nobody, for the far future and for less than nothing', async () => {
    expect(await refusal(ledger.customer().ask('embedding', '1'))).toEqual(refusedWith('CUSTOMER_UNKNOWN'));
    const customer = await on('free');
    expect(await refusal(customer.use('embedding', '1', { time: ledger.fromNow(600_000) }))).toMatchObject({
      reason: 'TIME_IN_FUTURE',
      status: 'INVALID_ARGUMENT',
      fields: ['usage.time'],
    });
    expect(await refusal(customer.use('embedding', '-1'))).toMatchObject({ fields: ['usage.quantity'] });
    expect(await refusal(customer.use('', '1e3', { time: null }))).toMatchObject({
      fields: expect.arrayContaining(['usage.feature', 'usage.quantity', 'usage.time']),
    });
  });
});
