import { describe, expect, it } from '@jest/globals';
import { Amount, instant, type AccountCommand } from '#domain';
import { ledgerFixture, subscribe, usageOf } from '../testing/fixture.js';
import { scatterCredits } from '../testing/scattered-credits.js';
import type { Outcome } from './outcome.js';

const customer = 'cust_42';

function gist(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

/** Sets aside all 114 tokens of a customer whose credits are scattered. */
function holdOfAll(key: string): AccountCommand {
  return {
    type: 'PlaceHold',
    key,
    fingerprint: key,
    holdId: key,
    creditSystem: 'tokens',
    amount: Amount.parse('114'),
    timesOutAt: instant('2026-03-11T12:00:00Z'),
  };
}

describe('what is too much for one append', () => {
  it('is refused by itself, and its neighbours are decided without it', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await scatterCredits(side, customer);
    const now = fixture.clock.now();
    const usages = ['u1', 'all', 'u2', 'all again', 'u3', 'u1'].map((id) =>
      usageOf(id, id.startsWith('all') ? '57' : '0.001', now),
    );
    const outcomes = await side.ledger.submit(customer, [...usages, holdOfAll('h'), usageOf('u4', '1', now)]);
    expect(outcomes.map(gist)).toEqual([
      'applied',
      'COMMAND_MALFORMED',
      'applied',
      'COMMAND_MALFORMED',
      'applied',
      'duplicate',
      'INSUFFICIENT_CREDITS',
      'applied',
    ]);
    const [, all] = outcomes;
    const message = all?.kind === 'rejected' ? all.message : '';
    expect(message).toMatch(/what it causes takes \d{7,} bytes, and one append takes at most \d+ bytes/);
  });

  it('is refused only after a look at what others have appended', async () => {
    const fixture = await ledgerFixture();
    const [here, there] = [fixture.process(), fixture.process()];
    await subscribe(here, customer);
    await scatterCredits(here, customer);
    const now = fixture.clock.now();
    const usage = usageOf('all', '57', now);
    expect(gist(await here.ledger.execute(customer, usage))).toBe('COMMAND_MALFORMED');
    await there.ledger.submit(
      customer,
      ['part', 'another'].map((id) => usageOf(id, '53', now)),
    );
    expect(gist(await here.ledger.execute(customer, usage))).toBe('applied');
  });

  it('is refused by itself where it is decided by itself', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await scatterCredits(side, customer);
    const now = fixture.clock.now();
    const outcomes = await side.ledger.submit(customer, [holdOfAll('h'), usageOf('u1', '1', now)]);
    expect(outcomes.map(gist)).toEqual(['COMMAND_MALFORMED', 'applied']);
  });
});
