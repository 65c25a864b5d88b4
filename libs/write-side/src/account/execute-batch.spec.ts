import { describe, expect, it } from '@jest/globals';
import { Amount, instant, type AccountCommand } from '#domain';
import type { EventStore, NewEvent } from '#event-store';
import { accountStream } from '#journal';
import { ledgerFixture, subscribe, usageOf } from '../testing/fixture.js';
import { scatteredGrants } from '../testing/scattered-credits.js';
import type { Outcome } from './outcome.js';

const customer = 'cust_42';

function gist(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

/** Sets so many tokens aside. */
function holdOf(holdId: string, amount: string): AccountCommand {
  return {
    type: 'PlaceHold',
    key: holdId,
    fingerprint: holdId,
    holdId,
    creditSystem: 'tokens',
    amount: Amount.parse(amount),
    timesOutAt: instant('2026-03-11T12:00:00Z'),
  };
}

/** A store that fails once, as by a bug: at the first append to an account for which this says so. */
function failingOnce(store: EventStore, isIt: (events: readonly NewEvent[]) => boolean): EventStore {
  let failed = false;
  return {
    ...store,
    append: (stream, revision, events) => {
      if (failed || stream !== accountStream(customer) || !isIt(events))
        return store.append(stream, revision, events);
      failed = true;
      return Promise.reject(new TypeError('the store has a bug'));
    },
  };
}

describe('an error in the middle of a batch', () => {
  it('fails only those whose commands are not durable', async () => {
    const fixture = await ledgerFixture();
    const eventStore = failingOnce(fixture.eventStore, (events) =>
      events.some(({ type }) => type === 'HoldPlaced'),
    );
    const side = fixture.process({ eventStore });
    await subscribe(side, customer);
    const now = fixture.clock.now();
    const hold = holdOf('h', '10');
    const told = await Promise.allSettled([
      side.ledger.execute(customer, usageOf('u1', '1', now)),
      side.ledger.submit(customer, [usageOf('u2', '1', now), hold]),
      side.ledger.execute(customer, usageOf('u3', '1', now)),
    ]);
    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    const again = await side.ledger.submit(customer, [
      usageOf('u1', '1', now),
      usageOf('u2', '1', now),
      hold,
      usageOf('u3', '1', now),
    ]);
    expect(again.map(gist)).toEqual(['duplicate', 'duplicate', 'applied', 'applied']);
  });

  it('fails only those that it kept out of the store when a batch takes several appends', async () => {
    const fixture = await ledgerFixture();
    let appends = 0;
    const eventStore = failingOnce(fixture.eventStore, () => ++appends === 2);
    const side = fixture.process({ eventStore });
    const grants = scatteredGrants().slice(0, 1_000);
    const told = await Promise.allSettled(grants.map((grant) => side.ledger.execute(customer, grant)));
    const durable = told.filter(({ status }) => status === 'fulfilled').length;
    expect(durable).toBeGreaterThan(100);
    expect(durable).toBeLessThan(900);
    // At the same instant it would be the same append, which the store takes for a repeated one.
    fixture.clock.advance(1);
    const again = await side.ledger.submit(customer, grants);
    expect(again.map(gist)).toEqual(
      told.map(({ status }) => (status === 'fulfilled' ? 'duplicate' : 'applied')),
    );
  });
});

describe('what is too much for one append', () => {
  it('is refused by itself, and its neighbours are decided without it', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await side.ledger.submit(customer, scatteredGrants());
    const now = fixture.clock.now();
    const usages = ['u1', 'all', 'u2', 'all again', 'u3', 'u1'].map((id) =>
      usageOf(id, id.startsWith('all') ? '57' : '0.001', now),
    );
    const outcomes = await side.ledger.submit(customer, [
      ...usages,
      holdOf('h', '114'),
      usageOf('u4', '1', now),
    ]);
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
    await here.ledger.submit(customer, scatteredGrants());
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
    await side.ledger.submit(customer, scatteredGrants());
    const now = fixture.clock.now();
    const outcomes = await side.ledger.submit(customer, [holdOf('h', '114'), usageOf('u1', '1', now)]);
    expect(outcomes.map(gist)).toEqual(['COMMAND_MALFORMED', 'applied']);
  });
});
