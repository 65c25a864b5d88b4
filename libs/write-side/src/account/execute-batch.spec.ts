import { describe, expect, it, jest } from '@jest/globals';
import { Amount, evolve, initialAccount, instant, type AccountCommand } from '#domain';
import { appendBytes, AppendTooLarge, type EventStore, type NewEvent } from '#event-store';
import { accountStream, EMPTY_STREAM, readAccount } from '#journal';
import { ledgerFixture, publishPlan, subscribe, usageOf, type Fixture } from '../testing/fixture.js';
import { scatteredGrants } from '../testing/scattered-credits.js';
import type { Outcome } from './outcome.js';

// Thousands of events each.
jest.setTimeout(30_000);

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

  it('keeps nobody else waiting, however much of it comes at once', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await side.ledger.submit(customer, scatteredGrants());
    const now = fixture.clock.now();
    const usages = Array.from({ length: 40 }, (_, n) => usageOf(`all ${n}`, '57', now));
    let served = 0;
    const others = setInterval(() => (served += 1), 1);
    const outcomes = await side.ledger.submit(customer, [...usages, usageOf('u', '1', now)]);
    clearInterval(others);
    expect(outcomes.map(gist)).toEqual([...usages.map(() => 'COMMAND_MALFORMED'), 'applied']);
    expect(served).toBeGreaterThanOrEqual(usages.length / 4);
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

describe('a store that takes 64 KiB at once', () => {
  const LIMIT_BYTES = 64 * 1024;

  interface Limited {
    readonly eventStore: EventStore;
    /** How many appends were taken, and how many not. */
    readonly appends: { taken: number; refused: number };
  }

  /** @param counted what the store counts of an append; default: what we do */
  function limited(store: EventStore, named = LIMIT_BYTES, counted = appendBytes): Limited {
    const appends = { taken: 0, refused: 0 };
    const append: EventStore['append'] = (stream, revision, events) => {
      const isTooLarge = counted(events) > LIMIT_BYTES;
      appends[isTooLarge ? 'refused' : 'taken'] += 1;
      return isTooLarge
        ? Promise.reject(new AppendTooLarge(stream, appendBytes(events), named))
        : store.append(stream, revision, events);
    };
    return { eventStore: { ...store, append }, appends };
  }

  const manyUsages = ({ clock }: Fixture) =>
    Array.from({ length: 500 }, (_, n) => usageOf(`u${n}`, '0.001', clock.now()));

  it('is given what it refused in smaller appends, and each command once', async () => {
    const fixture = await ledgerFixture();
    const { eventStore, appends } = limited(fixture.eventStore);
    const side = fixture.process({ eventStore });
    await subscribe(side, customer);
    const usages = manyUsages(fixture);
    appends.taken = 0;
    expect((await side.ledger.submit(customer, usages)).map(gist)).toEqual(usages.map(() => 'applied'));
    expect(appends.refused).toBe(1);
    expect(appends.taken).toBeLessThan(20);
    const again = await fixture.process().ledger.submit(customer, usages);
    expect(again.map(gist)).toEqual(usages.map(() => 'duplicate'));
  });

  it.each([
    ['names no limit', 0, appendBytes],
    ['names one that cannot be read', NaN, appendBytes],
    [
      'counts more than we do',
      LIMIT_BYTES,
      (events: readonly NewEvent[]) => appendBytes(events) + 100 * events.length,
    ],
  ])('is given smaller appends also when it %s', async (_, named, counted) => {
    const fixture = await ledgerFixture();
    const side = fixture.process({ eventStore: limited(fixture.eventStore, named, counted).eventStore });
    await subscribe(side, customer);
    const usages = manyUsages(fixture);
    expect((await side.ledger.submit(customer, usages)).map(gist)).toEqual(usages.map(() => 'applied'));
  });

  it('has a command refused that causes more by itself, and its neighbours applied', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process({ eventStore: limited(fixture.eventStore).eventStore });
    await subscribe(side, customer);
    await side.ledger.submit(customer, scatteredGrants().slice(0, 200));
    const usages = [
      ...manyUsages(fixture),
      usageOf('all', '50.9', fixture.clock.now()),
      usageOf('last', '0.001', fixture.clock.now()),
      usageOf('all', '50.9', fixture.clock.now()),
    ];
    const outcomes = await side.ledger.submit(customer, usages);
    expect(outcomes.map(gist)).toEqual(
      usages.map(({ id }) => (id === 'all' ? 'COMMAND_MALFORMED' : 'applied')),
    );
    const all = outcomes.at(-1);
    expect(all?.kind === 'rejected' ? all.message : '').toMatch(
      /what it causes takes \d{6} bytes, and one append takes at most 65536 bytes/,
    );
  });

  it('fails what it refuses by itself without a limit that would do', async () => {
    const fixture = await ledgerFixture();
    await subscribe(fixture.process(), customer);
    const append: EventStore['append'] = (stream, _, events) =>
      Promise.reject(new AppendTooLarge(stream, appendBytes(events), 0));
    const side = fixture.process({ eventStore: { ...fixture.eventStore, append } });
    await expect(side.ledger.submit(customer, manyUsages(fixture).slice(0, 3))).rejects.toBeInstanceOf(
      AppendTooLarge,
    );
  });

  it('is given a subscription that starts years back whole', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process({ eventStore: limited(fixture.eventStore).eventStore });
    await publishPlan(side, 'daily', {
      allowance: Amount.parse('100'),
      resetInterval: { unit: 'day', count: 1 },
    });
    const outcome = await side.ledger.execute(customer, {
      type: 'StartSubscription',
      key: 'start',
      fingerprint: 'start',
      subscriptionId: 's1',
      planId: 'daily',
      startsAt: instant('2025-06-15T12:00:00Z'),
    });
    const events = outcome.kind === 'applied' ? outcome.events : [];
    expect(events.filter(({ event }) => event.type === 'CreditsGranted')).toHaveLength(269);
  });
});

describe('a subscription that starts years back', () => {
  const startsAt = instant('2023-06-15T12:00:00Z');
  const start: AccountCommand = {
    type: 'StartSubscription',
    key: 'start',
    fingerprint: 'start',
    subscriptionId: 's1',
    planId: 'daily',
    startsAt,
  };

  async function dailyPlan() {
    const fixture = await ledgerFixture();
    await publishPlan(fixture.process(), 'daily', {
      allowance: Amount.parse('100'),
      resetInterval: { unit: 'day', count: 1 },
      rollover: { cap: Amount.parse('25'), periods: 2 },
    });
    return fixture;
  }

  /** The account, each of whose events follows the one before it; how many periods it was granted, and has to spend. */
  async function accountOf({ eventStore }: Fixture) {
    let [state, previous, periods] = [initialAccount, EMPTY_STREAM.hash, 0];
    for await (const batch of readAccount(eventStore, customer)) {
      for (const { event, hash, previousHash } of batch) {
        expect(previousHash).toBe(previous);
        previous = hash;
        state = evolve(state, event);
        periods += Number(event.type === 'CreditsGranted' && event.origin.kind === 'allowance');
      }
    }
    return { periods, included: state.wallets['tokens']?.balance.included.toString() };
  }

  it('is granted whole, and told whole, however much that is', async () => {
    const fixture = await dailyPlan();
    const outcome = await fixture.process().ledger.execute(customer, start);
    const granted = await accountOf(fixture);
    expect(granted.periods).toBe(1_000);
    const events = outcome.kind === 'applied' ? outcome.events : [];
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
    expect(outcome).toMatchObject({ kind: 'applied', revision: events.length - 1 });
    expect(events.filter(({ event }) => event.type === 'CreditsGranted')).toHaveLength(1_000);
  });

  it('is granted whole among other commands, and once', async () => {
    const alone = await dailyPlan();
    await alone.process().ledger.execute(customer, start);
    const fixture = await dailyPlan();
    const side = fixture.process();
    const now = fixture.clock.now();
    const [gift] = scatteredGrants();
    if (!gift) throw new Error('there is a first one');
    const outcomes = await side.ledger.submit(customer, [gift, start, usageOf('u1', '1', now), start]);
    expect(outcomes.map(gist)).toEqual(['applied', 'applied', 'applied', 'duplicate']);
    const { periods, included } = await accountOf(fixture);
    expect(periods).toBe(1_000);
    expect(
      Amount.parse(included ?? '')
        .plus(Amount.parse('2'))
        .toString(),
    ).toBe((await accountOf(alone)).included);
    expect(gist(await side.ledger.execute(customer, start))).toBe('duplicate');
  });

  it('is granted whole where few events are more than one append takes', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    const tens = (count: number) => Amount.parse(`${count * 10}`);
    const keyed = (key: string) => ({ key: `${key} packs`, fingerprint: key, planId: 'packs' });
    const tiers = Array.from({ length: 100 }, (_, n) => ({
      firstUnit: n === 0 ? Amount.zero : tens(n).plus(Amount.parse('1')),
      lastUnit: n === 99 ? null : tens(n + 1),
      model: 'perUnit' as const,
      unitPrice: Amount.parse('0.123456789012'),
    }));
    const recurring = {
      quantity: tens(100),
      billingInterval: { unit: 'month', count: 1 } as const,
      schedule: { kind: 'graduated', currency: 'EUR', tiers } as const,
    };
    const credits = [{ creditSystem: 'tokens', priced: { recurring } }];
    const features = [{ feature: 'call', creditSystem: 'tokens', creditCost: Amount.parse('2') }];
    await side.catalogHandler.execute({
      type: 'SavePlanDraft',
      ...keyed('draft'),
      draft: { name: 'Packs', credits, features },
    });
    await side.catalogHandler.execute({ type: 'PublishPlan', ...keyed('publish') });
    const yearsBack = instant('2018-01-10T12:00:00Z');
    const outcome = await side.ledger.execute(customer, { ...start, planId: 'packs', startsAt: yearsBack });
    expect(outcome).toMatchObject({ kind: 'applied', events: { length: 100 } });
  });

  it('is granted whole when somebody else appends in between', async () => {
    const fixture = await dailyPlan();
    const there = fixture.process();
    const [gift] = scatteredGrants();
    if (!gift) throw new Error('there is a first one');
    let appends = 0;
    const eventStore: EventStore = {
      ...fixture.eventStore,
      append: async (stream, revision, events) => {
        if (stream === accountStream(customer) && ++appends === 2) {
          fixture.clock.advance(1);
          await there.ledger.execute(customer, gift);
        }
        return fixture.eventStore.append(stream, revision, events);
      },
    };
    const outcome = await fixture.process({ eventStore }).ledger.execute(customer, start);
    expect([gist(outcome), appends]).toEqual(['applied', 2]);
    expect((await accountOf(fixture)).periods).toBe(1_000);
  });
});
