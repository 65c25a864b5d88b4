import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Amount } from '#domain';
import type { rpc } from '#contracts';
import { startClockedLedger, type ClockedLedger } from '../support/clocked-ledger.js';
import type { Customer } from '../support/customer.js';
import { at, DAY, HOUR, refusal, refusedWith, time } from '../support/ledger-client.js';
import { EXAMPLES } from '../support/running-ledger.js';

let ledger: ClockedLedger;
let customer: Customer;

/** Three weeks of a team's life, with a movement of every type. */
beforeAll(async () => {
  ledger = await startClockedLedger('2026-05-04T08:00:00Z');
  await ledger.applyPlans(...EXAMPLES);
  customer = ledger.customer('team');
  await customer.start('compute-team', { subscriptionId: 'team' });
  await customer.grant('compute-hours', '40', {
    key: 'welcome',
    reason: 'launch offer',
    actor: 'marketing',
    expiresAt: time('2026-05-06'),
  });
  await customer.use('cpu-hour', '25', { id: 'batch', dimensions: { region: 'eu' } });
  await customer.buy('compute-hours', '1200', { key: 'extra', paymentReference: 'in_7' });
  await customer.hold('compute-hours', '60', { holdId: 'job', timesOutAt: time('2026-05-05') });
  await customer.capture('job', { amount: '50' });
  await customer.hold('compute-hours', '5', { holdId: 'idle', timesOutAt: time('2026-05-05') });
  await customer.reverse('batch', { amount: '10', reason: 'node failed', actor: 'support' });
  await customer.use('egress-gb', '1001.5', { id: 'traffic' });
  await customer.grant('compute-hours', '3', { key: 'mistake' });
  await customer.void('compute-hours', 'promotion/mistake', { actor: 'finance' });
  await ledger.settleAt('2026-05-05T09:00:00Z');
  await ledger.settleAt('2026-05-06T12:00:00Z');
  await ledger.settleAt('2026-05-18T12:00:00Z');
}, 60_000);
afterAll(() => ledger.stop());

const KINDS = ['included', 'purchased', 'promotional'] as const;

describe('GetWallet', () => {
  it('shows a total that is the sum of its kinds, and each kind the sum of its usable grants', async () => {
    for (const creditSystem of ['compute-hours', 'egress']) {
      const wallet = await customer.wallet(creditSystem);
      const usable = wallet.grants.filter(
        (grant) => !grant.pendingExpiry && (at(grant.effectiveAt) ?? '') <= (at(wallet.asOf) ?? ''),
      );
      const sum = (amounts: readonly string[]) =>
        Amount.sum(amounts.map((text) => Amount.parse(text))).toString();
      expect(wallet.totalAvailable).toBe(sum(KINDS.map((kind) => wallet[kind])));
      for (const kind of KINDS) {
        const grants = usable.filter(({ source }) => source.toLowerCase() === kind);
        expect(wallet[kind]).toBe(sum(grants.map(({ available }) => available)));
      }
      expect(wallet.held).toBe(sum(wallet.holds.map(({ amount }) => amount)));
      for (const { granted, available, held, consumed, expired, voided, rolledOver } of wallet.grants)
        expect(granted).toBe(sum([available, held, consumed, expired, voided, rolledOver]));
    }
  });

  it('shows each grant with its origin, in burn-down order, the next expiry and the next renewal', async () => {
    const wallet = await customer.wallet('compute-hours');
    expect(wallet).toMatchObject({
      customerId: customer.id,
      creditSystem: 'compute-hours',
      // This fortnight's allowance, and the 65 that were left of the first one.
      included: '165',
      purchased: '1700',
      nextExpiry: { at: time('2026-06-01T08:00:00Z'), amount: '100' },
      nextRenewal: { at: time('2026-06-01T08:00:00Z'), subscriptionId: 'team', amount: '100' },
      uncovered: '0',
    });
    expect(
      wallet.grants.map(({ source, origin, expiresAt }) => [source, origin?.kind, at(expiresAt)]),
    ).toEqual([
      ['INCLUDED', 'ALLOWANCE', '2026-06-01T08:00:00.000Z'],
      ['INCLUDED', 'ROLLOVER', '2026-06-15T08:00:00.000Z'],
      // Alike in everything but their ids.
      ['PURCHASED', 'TOP_UP', '2026-11-04T09:00:00.000Z'],
      ['PURCHASED', 'PACK', '2026-11-04T09:00:00.000Z'],
    ]);
    const [allowance, rollover, topUp, pack] = wallet.grants.map(({ origin }) => origin);
    expect(allowance).toMatchObject({
      subscriptionId: 'team',
      plan: { id: 'compute-team', version: 1 },
      period: { index: 1, start: time('2026-05-18T08:00:00Z'), end: time('2026-06-01T08:00:00Z') },
    });
    expect(rollover).toMatchObject({ fromGrantId: 'team/compute-hours/allowance/0/0' });
    expect(pack).toMatchObject({ period: { index: 0 }, price: { currency: 'EUR', total: '29.04' } });
    // 1,000 × 5 % + 200 × 4.2 %, and 19 % tax.
    expect(topUp).toMatchObject({
      paymentReference: 'in_7',
      automatic: false,
      price: { subtotal: '58.4', tax: '11.1', total: '69.5' },
    });
  });

  it('tells what waits for late usage before it expires', async () => {
    const late = ledger.customer();
    await late.grant('compute-hours', '9', {
      expiresAt: ledger.fromNow(HOUR),
      reason: 'trial',
      actor: 'sales',
    });
    const inTwoHours = new Date(Date.parse(ledger.clock.now()) + 2 * HOUR).toISOString();
    await ledger.settleAt(inTwoHours);
    expect(await late.wallet('compute-hours')).toMatchObject({
      totalAvailable: '0',
      pendingExpiry: '9',
      nextExpiry: null,
      grants: [
        {
          available: '9',
          pendingExpiry: true,
          origin: { kind: 'PROMOTION', reason: 'trial', actor: 'sales' },
        },
      ],
    });
  });

  it('counts the allowance and the pack of one subscription together, where they are renewed together', async () => {
    const seats = ledger.customer();
    await seats.start('seats-annual', { startsAt: time('2026-02-28') });
    const nextRenewal = { at: time('2027-02-28'), amount: '180' };
    expect(await seats.wallet('seat-credits')).toMatchObject({ totalAvailable: '180', nextRenewal });
  });

  it('of what billed usage left uncovered says how much', async () => {
    expect(await customer.wallet('egress')).toMatchObject({
      totalAvailable: '0',
      uncovered: '1.5',
      uncoveredBillable: '1.5',
      uncoveredBlocked: '0',
      nextRenewal: { at: time('2026-06-04T08:00:00Z'), amount: '1000' },
    });
  });

  it('as of the past shows what was known then', async () => {
    const asOf = time('2026-05-04T09:00:00Z');
    expect(await customer.wallet('compute-hours', { asOf })).toMatchObject({
      promotional: '10',
      held: '5',
      asOf,
      nextExpiry: { at: time('2026-05-06') },
    });
    expect(await refusal(customer.wallet('compute-hours', { asOf: time('2026-05-03') }))).toEqual(
      refusedWith('CUSTOMER_UNKNOWN'),
    );
  });

  it('of nobody, or of credits that there are not, is refused', async () => {
    expect(await refusal(ledger.customer().wallet('compute-hours'))).toEqual(refusedWith('CUSTOMER_UNKNOWN'));
    expect(await refusal(customer.wallet('no-such'))).toEqual(refusedWith('CREDIT_SYSTEM_UNKNOWN'));
    expect(await customer.wallet('seat-credits')).toMatchObject({ totalAvailable: '0', grants: [] });
  });
});

describe('ListTransactions', () => {
  it('filtered by a kind of credits shows what moved of that kind, each with the running balance of that kind', async () => {
    for (const kind of KINDS) {
      const source = kind.toUpperCase() as rpc.CreditSource;
      const movements = await customer.transactions({ creditSystem: 'compute-hours', source });
      let balance = Amount.zero;
      for (const { change, balance: after } of movements) {
        balance = balance.plus(Amount.parse(change?.[kind] ?? ''));
        expect(after?.[kind]).toBe(balance.toString());
      }
      expect(balance.toString()).toBe((await customer.wallet('compute-hours'))[kind]);
    }
  });

  it.each([
    [
      'INCLUDED',
      [
        ['GRANTED', '100', '100'],
        ['HELD', '-45', '55'],
        ['CAPTURED', '10', '65'],
        ['HELD', '-5', '60'],
        ['RELEASED', '5', '65'],
        ['ROLLED_OVER', '0', '65'],
        ['GRANTED', '100', '165'],
      ],
    ],
    [
      'PURCHASED',
      [
        ['PURCHASED', '500', '500'],
        ['PURCHASED', '1200', '1700'],
      ],
    ],
    [
      'PROMOTIONAL',
      [
        ['GRANTED', '40', '40'],
        ['DEBITED', '-25', '15'],
        ['HELD', '-15', '0'],
        ['CAPTURED', '0', '0'],
        ['REVERSED', '10', '10'],
        ['GRANTED', '3', '13'],
        ['VOIDED', '-3', '10'],
        ['EXPIRED', '-10', '0'],
      ],
    ],
  ] as const)('tells the story of %s credits, from grant to expiry', async (source, story) => {
    const kind = source.toLowerCase() as (typeof KINDS)[number];
    const movements = await customer.transactions({ creditSystem: 'compute-hours', source });
    const told = movements.map(({ type, change, balance }) => [type, change?.[kind], balance?.[kind]]);
    expect(told).toEqual(story);
  });

  it('filters by type, feature and time, and pages through all of it once', async () => {
    const of = async (rest: Partial<rpc.ListTransactionsRequest>) =>
      (await customer.transactions(rest)).map(({ type }) => type);
    expect(await of({ types: ['VOIDED', 'REVERSED'] })).toEqual(['REVERSED', 'VOIDED']);
    expect(await of({ feature: 'egress-gb' })).toEqual(['DEBITED', 'UNCOVERED']);
    expect(await of({ from: time('2026-05-05'), to: time('2026-05-06') })).toEqual(['RELEASED']);
    const all = await customer.transactions();
    const paged: rpc.Transaction[] = [];
    let pageToken = '';
    do {
      const page = await ledger.wallets.listTransactions({ customerId: customer.id, pageSize: 3, pageToken });
      paged.push(...page.transactions);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(paged.toReversed()).toEqual(all);
  });
});

describe('GetTransaction', () => {
  const the = async (rest: Partial<rpc.ListTransactionsRequest>): Promise<rpc.GetTransactionResponse> => {
    const [first] = await customer.transactions(rest);
    return customer.transaction(first?.transactionId ?? '');
  };

  it('explains a debit: the usage, its cost, the plan version, the draws, the balance before and after', async () => {
    expect(await the({ feature: 'cpu-hour' })).toMatchObject({
      transaction: { type: 'DEBITED', balance: { promotional: '15', totalAvailable: '615' } },
      balanceBefore: { promotional: '40', totalAvailable: '640' },
      draws: [{ grantId: 'promotion/welcome', source: 'PROMOTIONAL', amount: '25' }],
      usage: {
        event: {
          customerId: customer.id,
          source: 'test',
          id: 'batch',
          feature: 'cpu-hour',
          quantity: '25',
          time: time('2026-05-04T08:00:00Z'),
          dimensions: { region: 'eu' },
        },
        mode: 'METERED',
        subscriptionId: 'team',
        plan: { id: 'compute-team', version: 1 },
        creditCost: '1',
        credits: '25',
        uncovered: '0',
        placedAt: time('2026-05-04T08:00:00Z'),
      },
      cause: { kind: 'USAGE', source: 'test', id: 'batch' },
    });
  });

  it('explains a purchase down to the tier, and what was uncovered with its disposition', async () => {
    const { origin } = await the({ types: ['PURCHASED'], from: time('2026-05-04'), feature: '' });
    expect(origin?.price?.lines).toMatchObject([{ quantity: '500', amount: '19.5' }, { amount: '4.9' }]);
    const purchases = await customer.transactions({ types: ['PURCHASED'] });
    const topUp = await customer.transaction(purchases[1]?.transactionId ?? '');
    expect(topUp.origin).toMatchObject({
      kind: 'TOP_UP',
      plan: { id: 'compute-team', version: 1 },
      paymentReference: 'in_7',
      price: {
        lines: [
          { quantity: '1000', amount: '50' },
          { quantity: '200', amount: '8.4' },
        ],
      },
    });
    expect((await the({ feature: 'egress-gb' })).usage).toMatchObject({
      credits: '1001.5',
      uncovered: '1.5',
      disposition: 'BILLABLE',
    });
  });

  it('explains who undid what, and why', async () => {
    expect(await the({ types: ['REVERSED'] })).toMatchObject({
      reason: 'node failed',
      cause: { kind: 'COMMAND', actor: 'support' },
      transaction: { usageId: 'batch' },
    });
    expect(await the({ types: ['EXPIRED'] })).toMatchObject({ cause: { kind: 'SETTLEMENT' } });
    expect(await the({ types: ['ROLLED_OVER'] })).toMatchObject({ origin: { kind: 'ROLLOVER' } });
    expect(await refusal(customer.transaction('0'))).toMatchObject({ reason: 'TRANSACTION_UNKNOWN' });
  });
});

describe('ListWallets and VerifyAccount', () => {
  it('show every wallet that the customer has', async () => {
    const { wallets } = await ledger.wallets.listWallets({ customerId: customer.id });
    expect(wallets).toEqual([await customer.wallet('compute-hours'), await customer.wallet('egress')]);
  });

  it('agree with a second set of books', async () => {
    expect(await ledger.audit.verifyAccount({ customerId: customer.id })).toMatchObject({
      clean: true,
      findings: [],
    });
  });
});

describe('reads long after', () => {
  it('settle to the second, though nobody woke the account', async () => {
    const sleeper = ledger.customer();
    await sleeper.start('free', { subscriptionId: 'sub' });
    await sleeper.use('transcription', '40');
    ledger.clock.advance(3 * DAY + HOUR);
    const wallet = await sleeper.wallet('ai-tokens');
    expect([wallet.totalAvailable, wallet.revision]).toEqual(['20', sleeper.revision]);
    expect(await sleeper.transactions({ types: ['GRANTED'] })).toHaveLength(1);
  });
});
