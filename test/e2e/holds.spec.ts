import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClockedLedger, type ClockedLedger } from '../support/clocked-ledger.js';
import type { Customer } from '../support/customer.js';
import { HOUR, refusal, refusalIn, refusedWith, SECOND } from '../support/ledger-client.js';
import { until } from '../support/process.js';
import { startLedger, type RunningLedger } from '../support/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startLedger();
}, 120_000);
afterAll(() => ledger.stop());

/** A customer with promotional hours, and no plan: credits alone can be held as well. */
async function withHours(amount: string): Promise<Customer> {
  const customer = ledger.customer();
  await customer.grant('compute-hours', amount, { key: 'given' });
  return customer;
}

const GIVEN = { grantId: 'promotion/given', source: 'PROMOTIONAL' };

describe('a hold', () => {
  it('sets credits aside from the grants they would be spent from, and shows until when', async () => {
    const customer = await withHours('150');
    const timesOutAt = ledger.fromNow(HOUR);
    const held = await customer.hold('compute-hours', '100', { holdId: 'job', timesOutAt });
    expect(held).toMatchObject({
      holdId: 'job',
      amount: '100',
      draws: [{ ...GIVEN, amount: '100' }],
      wallet: { totalAvailable: '50', promotional: '50', held: '100' },
      duplicate: false,
    });
    expect(await customer.wallet('compute-hours')).toMatchObject({
      totalAvailable: '50',
      held: '100',
      holds: [{ holdId: 'job', amount: '100', timesOutAt, draws: held.draws, feature: '' }],
      grants: [{ available: '50', held: '100', consumed: '0' }],
    });
  });

  it('of units of a feature is priced by the plan', async () => {
    const customer = ledger.customer();
    await customer.start('compute-team');
    // 2 × 38.5
    expect(await customer.hold('', '', { holdId: 'gpu', feature: 'gpu-hour', quantity: '2' })).toMatchObject({
      amount: '77',
      wallet: { creditSystem: 'compute-hours', held: '77' },
    });
    expect((await customer.wallet('compute-hours')).holds).toMatchObject([{ feature: 'gpu-hour' }]);
    expect(await refusal(customer.hold('', '', { feature: 'gpu-hour', quantity: '14' }))).toEqual(
      refusedWith('INSUFFICIENT_CREDITS', { available: '523', required: '539' }),
    );
  });

  it('is captured for all that was held unless less is said', async () => {
    const customer = await withHours('150');
    await customer.hold('compute-hours', '100', { holdId: 'job' });
    expect(await customer.capture('job')).toMatchObject({
      amount: '100',
      draws: [{ ...GIVEN, amount: '100' }],
      beyond: [],
      returned: [],
      wallet: { totalAvailable: '50', held: '0' },
    });
    expect((await customer.wallet('compute-hours')).grants).toMatchObject([{ consumed: '100', held: '0' }]);
  });

  it('gives back what is not captured', async () => {
    const customer = await withHours('150');
    await customer.hold('compute-hours', '100', { holdId: 'job' });
    expect(await customer.capture('job', { amount: '60' })).toMatchObject({
      amount: '60',
      draws: [{ ...GIVEN, amount: '60' }],
      returned: [{ ...GIVEN, amount: '40' }],
      wallet: { totalAvailable: '90', held: '0' },
    });
  });

  it('is captured for more when the balance allows it, and refused with the numbers when not', async () => {
    const customer = await withHours('150');
    await customer.hold('compute-hours', '100', { holdId: 'job' });
    expect(await refusal(customer.capture('job', { amount: '150.0001' }))).toEqual(
      refusedWith('INSUFFICIENT_CREDITS', { available: '150', required: '150.0001' }),
    );
    expect((await customer.wallet('compute-hours')).held).toBe('100');
    expect(await customer.capture('job', { amount: '130' })).toMatchObject({
      amount: '130',
      draws: [{ ...GIVEN, amount: '100' }],
      beyond: [{ ...GIVEN, amount: '30' }],
      returned: [],
      wallet: { totalAvailable: '20', held: '0' },
    });
  });

  it('captured for nothing, or released, gives all of it back to its grants', async () => {
    const customer = await withHours('150');
    await customer.hold('compute-hours', '100', { holdId: 'one' });
    await customer.hold('compute-hours', '50', { holdId: 'two' });
    expect(await customer.capture('one', { amount: '0' })).toMatchObject({
      amount: '0',
      returned: [{ ...GIVEN, amount: '100' }],
      wallet: { totalAvailable: '100', held: '50' },
    });
    expect(await customer.release('two')).toMatchObject({
      returned: [{ ...GIVEN, amount: '50' }],
      wallet: { totalAvailable: '150', held: '0' },
    });
  });

  it('is closed once: captured, released or placed under its id again it is refused', async () => {
    const customer = await withHours('150');
    await customer.hold('compute-hours', '100', { holdId: 'job' });
    expect(await refusal(customer.hold('compute-hours', '1', { holdId: 'job' }))).toEqual(
      refusedWith('HOLD_EXISTS'),
    );
    await customer.capture('job');
    for (const late of [customer.capture('job'), customer.release('job')])
      expect(await refusal(late)).toEqual(refusedWith('HOLD_CLOSED'));
    expect(await refusal(customer.hold('compute-hours', '1', { holdId: 'job' }))).toEqual(
      refusedWith('HOLD_EXISTS'),
    );
    for (const unknown of [customer.capture('never'), customer.release('never')])
      expect(await refusal(unknown)).toEqual(refusedWith('HOLD_UNKNOWN'));
    expect(await refusal(ledger.customer().release('job'))).toEqual(refusedWith('CUSTOMER_UNKNOWN'));
  });

  it('times out by itself, with no command to wake it, and what it held can be spent again', async () => {
    const customer = await withHours('10');
    await customer.hold('compute-hours', '10', { holdId: 'job', timesOutAt: ledger.fromNow(2 * SECOND) });
    expect(await customer.available('compute-hours')).toBe('0');
    await until('the time-out is recorded', async () => {
      const released = await customer.transactions({ types: ['RELEASED'] });
      return released.length === 1;
    });
    expect(await customer.wallet('compute-hours')).toMatchObject({
      totalAvailable: '10',
      held: '0',
      holds: [],
    });
    const last = (await customer.events()).at(-1);
    expect(last).toMatchObject({ type: 'HoldReleased', reason: 'timedOut', cause: { kind: 'settlement' } });
    expect(await refusal(customer.capture('job'))).toEqual(refusedWith('HOLD_CLOSED'));
  }, 20_000);

  it('is refused for nothing, for the past and for both credits and a feature, by field', async () => {
    const customer = await withHours('10');
    const timesOutAt = ledger.fromNow(-SECOND);
    expect(await refusal(customer.hold('compute-hours', '0', { timesOutAt }))).toMatchObject({
      reason: 'COMMAND_MALFORMED',
      fields: ['amount', 'times_out_at'],
    });
    const both = { creditSystem: 'compute-hours', amount: '1', feature: 'cpu-hour', quantity: '1' };
    expect(await refusal(customer.hold('', '', both))).toMatchObject({ fields: ['amount'] });
    expect(await refusal(customer.hold('no-such', '1'))).toEqual(refusedWith('CREDIT_SYSTEM_UNKNOWN'));
  });
});

describe('holds and debits at once', () => {
  it('never take more than the balance: exactly as many holds succeed as it has room for', async () => {
    const customer = await withHours('100');
    const placed = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const hold = customer.hold('compute-hours', '7', { holdId: `h${index}` });
        return hold.then(
          () => true,
          (error: unknown) => {
            expect(refusalIn(error)).toEqual(
              refusedWith('INSUFFICIENT_CREDITS', { available: '2', required: '7' }),
            );
            return false;
          },
        );
      }),
    );
    expect(placed.filter(Boolean)).toHaveLength(14);
    expect(await customer.wallet('compute-hours')).toMatchObject({ totalAvailable: '2', held: '98' });
  });

  it('compete with synchronous debits for the same credits, and never overdraw', async () => {
    const customer = ledger.customer();
    await customer.start('compute-team');
    await customer.hold('compute-hours', '590', { holdId: 'most' });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        index % 2 === 0
          ? customer.ask('cpu-hour', '1', { id: `u${index}` })
          : customer.hold('', '', { holdId: `h${index}`, feature: 'cpu-hour', quantity: '1' }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    const { totalAvailable, uncovered } = await customer.wallet('compute-hours');
    expect([totalAvailable, uncovered]).toEqual(['0', '0']);
  });
});

describe('credits that are held when their end comes', () => {
  let clocked: ClockedLedger;
  beforeAll(async () => {
    clocked = await startClockedLedger('2026-01-01T00:00:00Z');
    await clocked.applyPlans('examples/compute-hours.yaml');
  }, 60_000);
  afterAll(() => clocked.stop());

  it('neither expire nor get spent, and can be captured after it', async () => {
    const customer = clocked.customer();
    await customer.grant('compute-hours', '10', { expiresAt: clocked.fromNow(SECOND) });
    await customer.hold('compute-hours', '6', { holdId: 'job' });
    expect(await refusal(customer.hold('compute-hours', '4.5'))).toEqual(
      refusedWith('INSUFFICIENT_CREDITS', { available: '4', required: '4.5' }),
    );
    await clocked.settleAt('2026-01-01T00:00:01Z');
    // What was not held waits for late usage, and is not available.
    expect(await customer.wallet('compute-hours')).toMatchObject({
      totalAvailable: '0',
      pendingExpiry: '4',
      held: '6',
    });
    expect(await customer.capture('job', { amount: '5' })).toMatchObject({
      amount: '5',
      returned: [{ amount: '1' }],
    });
    // What comes back after its end is not available again.
    expect(await customer.wallet('compute-hours')).toMatchObject({
      totalAvailable: '0',
      pendingExpiry: '5',
      held: '0',
      grants: [{ consumed: '5', pendingExpiry: true }],
    });
  });
});
