import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClockedLedger, type ClockedLedger } from '../support/clocked-ledger.js';
import type { Customer } from '../support/customer.js';
import { refusal, refusedWith } from '../support/ledger-client.js';
import { EXAMPLES, startLedger, type RunningLedger } from '../support/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startLedger();
}, 120_000);
afterAll(() => ledger.stop());

const TERMS = { threshold: '1000', target: '2500' };

/** A customer of the plan `pro` with 1,000 of its 10,000 credits left, which is not below the threshold yet. */
async function atThreshold(of: ClockedLedger | RunningLedger = ledger): Promise<Customer> {
  const customer = of.customer();
  await customer.start('pro', { subscriptionId: 'sub' });
  await customer.autoTopUp('ai-tokens', TERMS);
  await customer.use('image-generation', '750');
  return customer;
}

const requestOf = async (customer: Customer): Promise<string> =>
  (await customer.wallet('ai-tokens')).autoTopUp?.requestId ?? '';

describe('an automatic top-up', () => {
  it('is asked for when the balance falls below the threshold, priced, for what is missing to the target', async () => {
    const customer = await atThreshold();
    expect(await requestOf(customer)).toBe('');
    expect(await customer.alerts()).toEqual([]);

    await customer.use('transcription', '4');
    const { autoTopUp } = await customer.wallet('ai-tokens');
    expect(autoTopUp).toMatchObject({
      subscriptionId: 'sub',
      terms: { enabled: true, ...TERMS, dailyCap: '', monthlyCap: '' },
      requestId: 'auto-top-up/ai-tokens/1',
      // 2,500 − 999
      requested: '1501',
      stopped: '',
      consecutiveFailures: 0,
    });
    expect(await customer.alerts()).toMatchObject([
      {
        kind: 'topUpRequested',
        customerId: customer.id,
        requestId: 'auto-top-up/ai-tokens/1',
        quantity: '1501',
        subscriptionId: 'sub',
        plan: { id: 'pro', version: 1 },
        // 1,000 × 0.012 + 501 × 0.01, and 8.5 % tax
        price: { currency: 'USD', subtotal: '17.01', tax: '1.45', total: '18.46' },
      },
    ]);
  });

  it('paid for is granted in one grant at the price that was asked, once', async () => {
    const customer = await atThreshold();
    await customer.use('transcription', '4');
    const request = await requestOf(customer);
    const granted = await customer.paid('ai-tokens', request, { key: 'webhook', paymentReference: 'ch_1' });
    expect(granted).toMatchObject({
      wallet: { purchased: '1501', totalAvailable: '2500' },
      duplicate: false,
    });
    expect(await customer.paid('ai-tokens', request, { key: 'webhook', paymentReference: 'ch_1' })).toEqual({
      ...granted,
      duplicate: true,
    });
    expect(
      await refusal(customer.paid('ai-tokens', request, { key: 'webhook', paymentReference: 'ch_2' })),
    ).toEqual(refusedWith('IDEMPOTENCY_KEY_REUSED'));
    expect(await refusal(customer.paid('ai-tokens', request))).toEqual(refusedWith('TOP_UP_UNKNOWN'));
    const wallet = await customer.wallet('ai-tokens');
    expect(wallet.autoTopUp).toMatchObject({ requestId: '', requested: '' });
    expect(wallet.grants.find(({ grantId }) => grantId === granted.grantId)).toMatchObject({
      granted: '1501',
      origin: { kind: 'TOP_UP', automatic: true, paymentReference: 'ch_1', price: { total: '18.46' } },
    });
  });

  it('is one at a time, however often usage falls below the threshold meanwhile', async () => {
    const customer = await atThreshold();
    for (let i = 0; i < 5; i++) await customer.use('transcription', '40');
    const asked = (await customer.alerts()).filter(({ kind }) => kind === 'topUpRequested');
    expect(asked).toHaveLength(1);
    const [first] = asked;
    expect(await requestOf(customer)).toBe(first && 'requestId' in first ? first.requestId : '');
  });

  it('that fails is asked for again with the next usage, and after three failures stops and says why', async () => {
    const customer = await atThreshold();
    for (const failures of [1, 2, 3]) {
      await customer.use('transcription', '4');
      expect(await requestOf(customer)).toBe(`auto-top-up/ai-tokens/${failures}`);
      expect(await customer.notPaid('ai-tokens', await requestOf(customer))).toMatchObject({ grantId: '' });
      expect((await customer.wallet('ai-tokens')).autoTopUp?.consecutiveFailures).toBe(failures);
    }
    const { autoTopUp, purchased } = await customer.wallet('ai-tokens');
    const why = '3 payments failed in a row, the last one because: card declined';
    expect([autoTopUp?.stopped, purchased]).toEqual([why, '0']);
    await customer.use('transcription', '4');
    expect(await requestOf(customer)).toBe('');
    const alerts = await customer.alerts();
    expect(alerts.map(({ kind }) => kind)).toEqual([
      ...['topUpRequested', 'topUpFailed', 'topUpRequested', 'topUpFailed'],
      ...['topUpRequested', 'topUpFailed', 'topUpStopped'],
    ]);
    expect(alerts.at(-1)).toMatchObject({ kind: 'topUpStopped', reason: why });
    // Whoever configures it again starts it again.
    await customer.autoTopUp('ai-tokens', TERMS);
    expect(await requestOf(customer)).toBe('auto-top-up/ai-tokens/4');
    await customer.paid('ai-tokens', await requestOf(customer));
    expect((await customer.wallet('ai-tokens')).autoTopUp).toMatchObject({
      stopped: '',
      consecutiveFailures: 0,
    });
  });

  it('is switched off by configuring it so', async () => {
    const customer = await atThreshold();
    await customer.autoTopUp('ai-tokens', { ...TERMS, enabled: false });
    await customer.use('transcription', '4');
    expect(await requestOf(customer)).toBe('');
  });

  it('stops and says why when the subscription no longer sells the credits', async () => {
    const customer = await atThreshold();
    await customer.change('sub', 'free');
    await customer.use('transcription', '4');
    expect((await customer.wallet('ai-tokens')).autoTopUp?.stopped).toBe(
      'plan free version 1 does not sell ai-tokens',
    );
  });

  it('whose terms make no sense is refused by field, and whose credits nobody sells with the reason', async () => {
    const customer = ledger.customer();
    await customer.start('free');
    expect(
      await refusal(customer.autoTopUp('ai-tokens', { threshold: '10', target: '10', dailyCap: '0' })),
    ).toMatchObject({ status: 'INVALID_ARGUMENT', fields: ['terms.target', 'terms.daily_cap'] });
    expect(await refusal(customer.autoTopUp('ai-tokens', TERMS))).toEqual(refusedWith('NOT_FOR_SALE'));
    expect(await refusal(customer.autoTopUp('no-such', TERMS))).toEqual(refusedWith('CREDIT_SYSTEM_UNKNOWN'));
    expect(await refusal(customer.paid('ai-tokens', 'never asked'))).toEqual(refusedWith('TOP_UP_UNKNOWN'));
    expect(await refusal(ledger.customer().autoTopUp('ai-tokens', TERMS))).toEqual(
      refusedWith('CUSTOMER_UNKNOWN'),
    );
  });
});

describe('the caps of an automatic top-up', () => {
  let clocked: ClockedLedger;
  beforeAll(async () => {
    clocked = await startClockedLedger('2026-03-30T10:00:00Z');
    await clocked.applyPlans(...EXAMPLES);
  }, 60_000);
  afterAll(() => clocked.stop());

  it('bound what is asked for per calendar day and month, and make room again when it is over', async () => {
    const customer = clocked.customer();
    await customer.start('pro', { subscriptionId: 'sub' });
    await customer.autoTopUp('ai-tokens', { ...TERMS, dailyCap: '2000', monthlyCap: '2700' });
    await customer.use('image-generation', '800');
    const asked: string[] = [];
    const payAndSpend = async (): Promise<void> => {
      const { autoTopUp } = await customer.wallet('ai-tokens');
      asked.push(autoTopUp?.requested ?? '');
      if (!autoTopUp?.requestId) return;
      const { wallet } = await customer.paid('ai-tokens', autoTopUp.requestId);
      // Down to 400 again.
      const spend = Number(wallet?.totalAvailable) - 400;
      await customer.use('transcription', String(spend * 4));
    };
    await payAndSpend();
    // The day has room for nothing that the plan would sell: less than its minimum of 500.
    await payAndSpend();
    await clocked.settleAt('2026-03-31T00:00:00Z');
    // The month has room for 700 more.
    await payAndSpend();
    await payAndSpend();
    await clocked.settleAt('2026-04-01T00:00:00Z');
    await payAndSpend();
    expect(asked).toEqual(['2000', '', '700', '', '2000']);
  });
});
