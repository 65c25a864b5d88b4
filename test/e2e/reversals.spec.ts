import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClockedLedger, type ClockedLedger } from '../support/clocked-ledger.js';
import type { Customer } from '../support/customer.js';
import { at, HOUR, refusal, refusedWith, time } from '../support/ledger-client.js';
import { EXAMPLES } from '../support/running-ledger.js';

let ledger: ClockedLedger;
beforeAll(async () => {
  ledger = await startClockedLedger('2026-03-01T00:00:00Z');
  await ledger.applyPlans(...EXAMPLES);
}, 60_000);
afterAll(() => ledger.stop());

/** Two grants, the sooner expiring first, and a debit of 10 that drew 5 of each. */
async function drawnTwice(): Promise<Customer> {
  const customer = ledger.customer();
  await customer.start('scale', { startsAt: ledger.fromNow(-2 * HOUR), subscriptionId: 'sub' });
  await customer.use('chat-completion', '100000000', { id: 'allowance' });
  await customer.grant('ai-tokens', '5', { key: 'sooner', expiresAt: ledger.fromNow(10 * HOUR) });
  await customer.grant('ai-tokens', '8', { key: 'later', expiresAt: ledger.fromNow(20 * HOUR) });
  await customer.use('transcription', '40', { id: 'call' });
  return customer;
}

const of = (grantId: string, amount: string) => ({
  grantId: `promotion/${grantId}`,
  source: 'PROMOTIONAL',
  amount,
});

describe('a reversal', () => {
  it('gives a whole debit back to its grants, last drawn first, and is shown with its reason', async () => {
    const customer = await drawnTwice();
    expect(await customer.reverse('call', { reason: 'outage credit', actor: 'support' })).toMatchObject({
      amount: '10',
      restored: [of('later', '5'), of('sooner', '5')],
      uncovered: '0',
      wallet: { promotional: '13' },
      duplicate: false,
    });
    const [reversed] = await customer.transactions({ types: ['REVERSED'] });
    expect(reversed).toMatchObject({ usageSource: 'test', usageId: 'call', change: { promotional: '10' } });
    expect(await customer.transaction(reversed?.transactionId ?? '')).toMatchObject({
      reason: 'outage credit',
      cause: { actor: 'support' },
      draws: [of('later', '5'), of('sooner', '5')],
    });
  });

  it('in parts never exceeds the debit', async () => {
    const customer = await drawnTwice();
    expect(await customer.reverse('call', { amount: '7' })).toMatchObject({
      restored: [of('later', '5'), of('sooner', '2')],
    });
    expect(await refusal(customer.reverse('call', { amount: '3.000001' }))).toEqual(
      refusedWith('REVERSAL_EXCEEDS_DEBIT', { amount: '3.000001', debited: '10', left: '3' }),
    );
    expect(await customer.reverse('call')).toMatchObject({ amount: '3', restored: [of('sooner', '3')] });
    expect(await refusal(customer.reverse('call'))).toEqual(
      refusedWith('REVERSAL_EXCEEDS_DEBIT', { amount: '0', debited: '10', left: '0' }),
    );
    expect((await customer.wallet('ai-tokens')).promotional).toBe('13');
  });

  it('sent twice reverses once; with another amount it is a conflict', async () => {
    const customer = await drawnTwice();
    const first = await customer.reverse('call', { amount: '4', key: 'refund' });
    expect(await customer.reverse('call', { amount: '4', key: 'refund' })).toEqual({
      ...first,
      duplicate: true,
    });
    expect(await refusal(customer.reverse('call', { amount: '5', key: 'refund' }))).toEqual(
      refusedWith('IDEMPOTENCY_KEY_REUSED'),
    );
    expect((await customer.wallet('ai-tokens')).promotional).toBe('7');
  });

  it('after the expiry of a grant gives the credits back to it, and they expire again at once, visibly', async () => {
    const customer = await drawnTwice();
    const [started] = await customer.transactions({ types: ['DEBITED'] });
    const day = (hours: number) =>
      new Date(Date.parse(at(started?.recordedAt) ?? '') + hours * HOUR).toISOString();
    // Past the end of both grants and the 24 hours of grace.
    await ledger.settleAt(day(50));
    const answer = await customer.reverse('call');
    expect(answer).toMatchObject({
      restored: [of('later', '5'), of('sooner', '5')],
      wallet: { promotional: '0' },
    });
    const after = await customer.transactions({ types: ['REVERSED', 'EXPIRED'], source: 'PROMOTIONAL' });
    expect(after.map(({ type, grantId, change }) => [type, grantId, change?.promotional])).toEqual([
      ['EXPIRED', 'promotion/later', '-3'],
      ['REVERSED', '', '10'],
      ['EXPIRED', 'promotion/sooner', '-5'],
      ['EXPIRED', 'promotion/later', '-5'],
    ]);
  });

  it('after a change of plan gives credits back to the allowance that the change ended, and they end with it', async () => {
    const customer = ledger.customer();
    await customer.start('free', { subscriptionId: 'sub' });
    await customer.use('transcription', '40', { id: 'call' });
    await customer.change('sub', 'pro');
    const answer = await customer.reverse('call');
    expect(answer).toMatchObject({ amount: '10', restored: [{ source: 'INCLUDED', amount: '10' }] });
    // 20 of the old allowance were there; what was left of them ended with the change, and so does what comes back.
    expect(await customer.wallet('ai-tokens')).toMatchObject({
      totalAvailable: '10000',
      included: '10000',
      pendingExpiry: '20',
    });
  });

  it('writes off uncovered usage first', async () => {
    const customer = await drawnTwice();
    // 3 are left of 13; 7 are billable.
    expect(await customer.use('transcription', '40', { id: 'too much' })).toMatchObject({
      outcome: 'PARTIALLY_COVERED',
      uncovered: '7',
      disposition: 'BILLABLE',
    });
    const before = await customer.wallet('ai-tokens');
    expect(await customer.reverse('too much', { amount: '5' })).toMatchObject({
      uncovered: '5',
      restored: [],
    });
    expect(await customer.reverse('too much')).toMatchObject({
      amount: '5',
      uncovered: '2',
      restored: [of('later', '3')],
    });
    const after = await customer.wallet('ai-tokens');
    expect(Number(before.uncoveredBillable) - Number(after.uncoveredBillable)).toBe(7);
    expect(after.promotional).toBe('3');
    const written = await customer.transactions({ types: ['REVERSED'] });
    expect(written.map(({ uncovered }) => uncovered)).toEqual(['-5', '-2']);
  });

  it('of usage that was never recorded, or of another customer, is refused', async () => {
    const customer = await drawnTwice();
    expect(await refusal(customer.reverse('never'))).toEqual(refusedWith('DEBIT_UNKNOWN'));
    expect(await refusal(ledger.customer().reverse('call'))).toEqual(refusedWith('CUSTOMER_UNKNOWN'));
    expect(await refusal(customer.reverse('call', { amount: '0' }))).toMatchObject({ fields: ['amount'] });
    await customer.use('health-check', '1', { id: 'free of charge' });
    expect(await refusal(customer.reverse('free of charge'))).toEqual(refusedWith('DEBIT_UNKNOWN'));
  });

  it('of late usage goes to the credits of the time at which it happened', async () => {
    const customer = ledger.customer();
    await customer.start('free', { subscriptionId: 'sub', startsAt: time('2026-03-02') });
    await ledger.settleAt('2026-03-08T01:00:00Z');
    const yesterday = { id: 'late', time: time('2026-03-07T23:00:00Z') };
    const late = await customer.use('transcription', '8', yesterday);
    expect(late.draws).toMatchObject([{ grantId: 'sub/ai-tokens/allowance/0/5', amount: '2' }]);
    expect(await customer.reverse('late')).toMatchObject({ restored: late.draws });
    expect(await customer.wallet('ai-tokens')).toMatchObject({ totalAvailable: '20', pendingExpiry: '20' });
  });
});
