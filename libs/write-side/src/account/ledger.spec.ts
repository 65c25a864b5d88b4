import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Amount, instant, type AccountCommand, type AccountEvent, type GrantCredits } from '#domain';
import { AppendOutcomeUnknown, EventStoreUnavailable, type EventStore } from '#event-store';
import { accountStream, CATALOG_STREAM, EMPTY_STREAM, readAccount } from '#journal';
import { openMemoryReadStore } from '#read-store/testing';
import {
  defineCreditSystem,
  ledgerFixture,
  publishPlan,
  subscribe,
  usageOf,
  type Fixture,
} from '../testing/fixture.js';

const customer = 'cust_42';

async function eventsOf(eventStore: EventStore, customerId = customer): Promise<AccountEvent[]> {
  const events: AccountEvent[] = [];
  let previous = EMPTY_STREAM.hash;
  for await (const batch of readAccount(eventStore, customerId)) {
    for (const { event, hash, previousHash } of batch) {
      expect(previousHash).toBe(previous);
      previous = hash;
      events.push(event);
    }
  }
  return events;
}

async function debits(fixture: Fixture): Promise<string[]> {
  const events = await eventsOf(fixture.eventStore);
  return events.flatMap((event) => (event.type === 'CreditsDebited' ? [event.usage.amount.toString()] : []));
}

/**
 * Stores of a process for which, once it begins, the next look at an account's tail takes long, the next one at the
 * catalog fails at once, and ids are looked up until that tail has come. `looking` resolves with that look at the tail.
 */
function lateTail({ eventStore, readStore }: Fixture) {
  let begun = false;
  let catalogFails = false;
  let tail: Promise<void> | undefined;
  let looks: (() => void) | undefined;
  const looking = new Promise<void>((resolve) => (looks = resolve));
  const late: Pick<Fixture, 'eventStore' | 'readStore'> & { begin(): void; looking: Promise<void> } = {
    begin: () => {
      begun = true;
      catalogFails = true;
    },
    looking,
    eventStore: {
      ...eventStore,
      async *readStream(stream, options) {
        if (stream === CATALOG_STREAM && catalogFails) {
          catalogFails = false;
          throw new EventStoreUnavailable('the catalog cannot be read');
        }
        if (stream === accountStream(customer) && begun) {
          looks?.();
          await (tail ??= delay(100));
        }
        yield* eventStore.readStream(stream, options);
      },
    },
    readStore: {
      ...readStore,
      seen: async (lookups) => {
        const answer = await readStore.seen(lookups);
        if (tail) await tail.then(() => delay(20));
        return answer;
      },
    },
  };
  return late;
}

/** So many tokens as a gift. */
function grantOf(key: string, amount: string): GrantCredits {
  return {
    type: 'GrantCredits',
    key,
    fingerprint: key,
    creditSystem: 'tokens',
    amount: Amount.parse(amount),
    reason: 'spec',
    actor: 'spec',
  };
}

/** Takes back what is left of a grant. */
function voidOf(key: string, creditSystem: string, grantId: string): AccountCommand {
  return {
    type: 'VoidGrant',
    key,
    fingerprint: key,
    creditSystem,
    grantId,
    reason: 'spec',
    actor: 'spec',
  };
}

describe('a ledger process', () => {
  it('debits usage at once and answers with what it appended', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    const outcome = await side.ledger.execute(customer, usageOf('u1', '3', fixture.clock.now()));
    expect(outcome).toMatchObject({
      kind: 'applied',
      revision: 2,
      events: [{ revision: 2, event: { type: 'CreditsDebited' } }],
    });
    expect(await debits(fixture)).toEqual(['6']);
  });

  it('charges once when a look at the end of the stream outlives the batch that asked for it', async () => {
    const fixture = await ledgerFixture();
    const other = fixture.process();
    await subscribe(other, customer);
    await fixture.project();
    const late = lateTail(fixture);
    const side = fixture.process(late);
    await side.ledger.execute(customer, usageOf('u0', '1', fixture.clock.now()));
    const used = usageOf('u1', '3', fixture.clock.now());
    await other.ledger.execute(customer, used);

    // Refused, and so looked at twice: the tail is long in coming, and the catalog cannot be read at all.
    late.begin();
    const refused = side.ledger.execute(customer, usageOf('u2', '1000', fixture.clock.now(), 'synchronous'));
    await late.looking;
    const again = side.ledger.execute(customer, used);
    await expect(refused).rejects.toThrow('catalog');
    expect(await again).toEqual({ kind: 'duplicate', revision: 3 });
    expect(await debits(fixture)).toEqual(['2', '6']);
  });

  it('appends the usage of one account in one batch at once', async () => {
    const fixture = await ledgerFixture();
    let appends = 0;
    const counting: EventStore = {
      ...fixture.eventStore,
      append: (stream, revision, events) => {
        if (stream === accountStream(customer)) appends += 1;
        return fixture.eventStore.append(stream, revision, events);
      },
    };
    const side = fixture.process({ eventStore: counting });
    await subscribe(side, customer);
    const before = appends;
    const usages = Array.from({ length: 20 }, (_, n) => usageOf(`u${n}`, '1', fixture.clock.now()));
    await side.ledger.submit(customer, usages);
    expect(appends - before).toBe(1);
    expect(await debits(fixture)).toHaveLength(20);
  });

  it('charges usage that is sent again once: at once, later, from another process and after a restart', async () => {
    const fixture = await ledgerFixture();
    const first = fixture.process();
    await subscribe(first, customer);
    const usage = usageOf('u1', '5', fixture.clock.now());
    const [one, two] = await first.ledger.submit(customer, [usage, usage]);
    expect([one?.kind, two]).toEqual(['applied', { kind: 'duplicate', revision: 2 }]);
    expect(await first.ledger.execute(customer, usage)).toEqual({ kind: 'duplicate', revision: 2 });

    expect(await fixture.process().ledger.execute(customer, usage)).toEqual({
      kind: 'duplicate',
      revision: 2,
    });
    await fixture.project();
    expect(await fixture.process().ledger.execute(customer, usage)).toEqual({
      kind: 'duplicate',
      revision: 2,
    });
    expect(await debits(fixture)).toEqual(['10']);
  });

  it('refuses an id that comes again with other content, and appends nothing', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await side.ledger.execute(customer, usageOf('u1', '5', fixture.clock.now()));
    const outcome = await side.ledger.execute(customer, usageOf('u1', '6', fixture.clock.now()));
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await debits(fixture)).toEqual(['10']);
  });

  it('remembers ids while the read store lags, is deleted, and is being rebuilt', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    const early = usageOf('early', '1', fixture.clock.now());
    await side.ledger.execute(customer, early);
    await fixture.project();
    const late = usageOf('late', '1', fixture.clock.now());
    await side.ledger.execute(customer, late);

    // Loaded from the row of a store that knows `early` alone; then that store is gone.
    const empty = openMemoryReadStore();
    let current = fixture.readStore;
    const replaced = {
      ...fixture.readStore,
      accounts: (ids: readonly string[]) => current.accounts(ids),
      seen: (lookups: Parameters<typeof current.seen>[0]) => current.seen(lookups),
    };
    const other = fixture.process({ readStore: replaced });
    await other.ledger.execute(customer, usageOf('third', '1', fixture.clock.now()));
    current = empty;
    for (const usage of [early, late]) {
      expect(await other.ledger.execute(customer, usage)).toMatchObject({ kind: 'duplicate' });
    }
    expect(await debits(fixture)).toHaveLength(3);
  });

  it('knows a spent grant for one when the read store is deleted while it is looked for', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    const granted = await side.ledger.execute(customer, grantOf('gift', '10'));
    const event = granted.kind === 'applied' ? granted.events[0]?.event : undefined;
    if (event?.type !== 'CreditsGranted') throw new Error('nothing was granted');
    // 120 tokens, of 100 that are included and the 10.
    await side.ledger.execute(customer, usageOf('u1', '60', fixture.clock.now()));
    await fixture.project();
    const empty = openMemoryReadStore();
    let current = fixture.readStore;
    let looks = 0;
    const deleted = {
      ...fixture.readStore,
      accounts: (ids: readonly string[]) => current.accounts(ids),
      closedGrants: (...asked: Parameters<typeof current.closedGrants>) => {
        // Whoever refuses looks twice.
        if (++looks === 2) current = empty;
        return current.closedGrants(...asked);
      },
    };
    const outcome = await fixture
      .process({ readStore: deleted })
      .ledger.execute(customer, voidOf('void', 'tokens', event.grantId));
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'GRANT_SPENT' });
  });

  it('knows a spent grant in its own wallet alone, wherever it has gone', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await defineCreditSystem(side, 'gpu');
    await subscribe(side, customer);
    await side.ledger.execute(customer, usageOf('u1', '50', fixture.clock.now()));
    const grantId = 's1/tokens/allowance/0/0';
    const reasons = async (): Promise<unknown[]> => {
      const outcomes = [
        await side.ledger.execute(customer, voidOf('another', 'gpu', grantId)),
        await side.ledger.execute(customer, voidOf('its own', 'tokens', grantId)),
      ];
      return outcomes.map((outcome) => (outcome.kind === 'rejected' ? outcome.reason : outcome.kind));
    };
    expect(await reasons()).toEqual(['GRANT_UNKNOWN', 'GRANT_SPENT']);
    await fixture.project();
    expect(await reasons()).toEqual(['GRANT_UNKNOWN', 'GRANT_SPENT']);
  });

  it('lets go of ids that the index knows, and charges each once all the same', async () => {
    const fixture = await ledgerFixture();
    const asked: string[] = [];
    const readStore = {
      ...fixture.readStore,
      seen: (lookups: Parameters<typeof fixture.readStore.seen>[0]) => {
        asked.push(...lookups.map(({ identity }) => identity));
        return fixture.readStore.seen(lookups);
      },
    };
    const side = fixture.process({ readStore, idsInMemory: 0 });
    await subscribe(side, customer);
    const usages = ['u1', 'u2', 'u3', 'u4'].map((id) => usageOf(id, '1', fixture.clock.now()));
    const [first, ...others] = usages;
    if (!first) throw new Error('there is a first one');
    await side.ledger.execute(customer, first);
    await fixture.project();
    // Nobody sent it, so that it has no id by which to ask how far the index is.
    await side.ledger.execute(customer, { type: 'Settle' });
    await side.ledger.submit(customer, others);
    asked.length = 0;
    for (const usage of usages) {
      expect(await side.ledger.execute(customer, usage)).toMatchObject({ kind: 'duplicate' });
    }
    expect(asked).toContain('usage/spec/u1');
    expect(await debits(fixture)).toHaveLength(4);
  });

  it('looks at the end of the stream before it refuses, so that a stale copy never refuses wrongly', async () => {
    const fixture = await ledgerFixture();
    const [here, there] = [fixture.process(), fixture.process()];
    await subscribe(here, customer);
    await here.ledger.execute(customer, usageOf('u1', '50', fixture.clock.now()));
    await there.ledger.execute(customer, grantOf('gift', '10'));
    const outcome = await here.ledger.execute(
      customer,
      usageOf('u2', '5', fixture.clock.now(), 'synchronous'),
    );
    expect(outcome.kind).toBe('applied');
  });

  it('lets exactly floor(credits / cost) synchronous debits through, from however many processes they come', async () => {
    const fixture = await ledgerFixture();
    await subscribe(fixture.process(), customer);
    const processes = [fixture.process(), fixture.process(), fixture.process()];
    const outcomes = await Promise.all(
      processes.flatMap((side, p) =>
        Array.from({ length: 8 }, (_, n) =>
          // 7 units cost 14 of the 100 tokens: 7 fit.
          side.ledger.execute(customer, usageOf(`${p}-${n}`, '7', fixture.clock.now(), 'synchronous')),
        ),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome.kind === 'rejected')).toHaveLength(17);
    expect(await debits(fixture)).toHaveLength(7);
  });

  it('leaves undecided what nobody waits for any more, and decides the rest of the batch', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    const [now, gaveUp] = [fixture.clock.now(), new AbortController()];
    const first = side.ledger.execute(customer, usageOf('first', '1', now));
    // These wait for the first one and then go together.
    const abandoned = side.ledger.execute(customer, usageOf('u1', '3', now, 'synchronous'), gaveUp.signal);
    const waiting = side.ledger.execute(customer, usageOf('u2', '5', now), new AbortController().signal);
    gaveUp.abort(new Error('the deadline passed'));
    await expect(abandoned).rejects.toThrow('the deadline passed');
    expect([(await first).kind, (await waiting).kind]).toEqual(['applied', 'applied']);
    expect(await debits(fixture)).toEqual(['2', '10']);
  });

  it('does not decide again, after a conflict, for a caller who was refused elsewhere meanwhile', async () => {
    const fixture = await ledgerFixture();
    const there = fixture.process();
    await subscribe(there, customer);
    const [now, gaveUp] = [fixture.clock.now(), new AbortController()];
    const asking = usageOf('u1', '30', now, 'synchronous');
    const slow: EventStore = {
      ...fixture.eventStore,
      append: async (stream, revision, events) => {
        // The caller asks another process, is refused, and then there are credits again.
        if (!gaveUp.signal.aborted) {
          gaveUp.abort(new Error('the deadline passed'));
          await there.ledger.execute(customer, usageOf('u2', '40', now));
          expect((await there.ledger.execute(customer, asking)).kind).toBe('rejected');
          await there.ledger.execute(customer, grantOf('more', '1000'));
        }
        return fixture.eventStore.append(stream, revision, events);
      },
    };
    const here = fixture.process({ eventStore: slow });
    await expect(here.ledger.execute(customer, asking, gaveUp.signal)).rejects.toThrow('the deadline passed');
    expect(await debits(fixture)).toEqual(['80']);
  });

  it('debits once when the answer to an append is lost, whether it was written or not', async () => {
    for (const written of [true, false]) {
      const fixture = await ledgerFixture();
      await subscribe(fixture.process(), customer);
      let broken = true;
      const flaky: EventStore = {
        ...fixture.eventStore,
        append: async (stream, revision, events) => {
          if (!broken) return fixture.eventStore.append(stream, revision, events);
          broken = false;
          if (written) await fixture.eventStore.append(stream, revision, events);
          throw new AppendOutcomeUnknown(stream, revision, { cause: new Error('time-out') });
        },
      };
      const side = fixture.process({ eventStore: flaky });
      const usage = usageOf('u1', '5', fixture.clock.now());
      await expect(side.ledger.execute(customer, usage)).rejects.toThrow(AppendOutcomeUnknown);
      fixture.clock.advance(1_000);
      const again = await side.ledger.execute(customer, usage);
      expect(again.kind).toBe(written ? 'duplicate' : 'applied');
      expect(await debits(fixture)).toEqual(['10']);
    }
  });

  it('keeps usage of an unknown customer out, and says who is unknown', async () => {
    const fixture = await ledgerFixture();
    const outcome = await fixture.process().ledger.execute('nobody', usageOf('u1', '1', fixture.clock.now()));
    expect(outcome).toMatchObject({
      kind: 'rejected',
      reason: 'CUSTOMER_UNKNOWN',
      message: `customer "nobody" has no account: no subscription was ever started and no credits were ever granted`,
    });
  });

  it('decides commands that queue up together as if they had come one after the other', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    const keyed = (key: string) => ({ key, fingerprint: key });
    const hold = { holdId: 'h', creditSystem: 'tokens', amount: Amount.parse('10') };
    const timesOutAt = instant('2026-03-11T12:00:00Z');
    const usage = { source: 'spec', id: 'u1' };
    const outcomes = await side.ledger.submit(customer, [
      { type: 'PlaceHold', ...keyed('place'), ...hold, timesOutAt },
      { type: 'CaptureHold', ...keyed('capture'), holdId: 'h', amount: Amount.parse('4') },
      { type: 'ReleaseHold', ...keyed('release'), holdId: 'h' },
      { type: 'PlaceHold', ...keyed('place again'), ...hold, timesOutAt },
      usageOf('u1', '3', fixture.clock.now()),
      { type: 'ReverseDebit', ...keyed('reverse'), usage, reason: 'spec' },
      { type: 'ReverseDebit', ...keyed('reverse again'), usage, reason: 'spec' },
    ]);
    expect(outcomes.map((outcome) => (outcome.kind === 'rejected' ? outcome.reason : outcome.kind))).toEqual([
      'applied',
      'applied',
      'HOLD_CLOSED',
      'HOLD_EXISTS',
      'applied',
      'applied',
      'REVERSAL_EXCEEDS_DEBIT',
    ]);
  });

  it('knows plans and credit systems that another process defined a moment ago, whatever is appended with them', async () => {
    const fixture = await ledgerFixture();
    const [here, there] = [fixture.process(), fixture.process()];
    await here.ledger.execute(customer, grantOf('one', '10'));
    await publishPlan(there, 'new', {
      allowance: Amount.parse('7'),
      resetInterval: { unit: 'month', count: 1 },
    });
    await defineCreditSystem(there, 'gpu');
    const outcomes = await here.ledger.submit(customer, [
      grantOf('two', '10'),
      {
        type: 'StartSubscription',
        key: 'start',
        fingerprint: 'start',
        subscriptionId: 's1',
        planId: 'new',
      },
      { ...grantOf('three', '10'), creditSystem: 'gpu' },
      { ...grantOf('four', '10'), creditSystem: 'none' },
    ]);
    expect(outcomes.map((outcome) => (outcome.kind === 'rejected' ? outcome.reason : outcome.kind))).toEqual([
      'applied',
      'applied',
      'applied',
      'CREDIT_SYSTEM_UNKNOWN',
    ]);
  });

  it('knows credit systems that another process defined and granted a moment ago', async () => {
    const fixture = await ledgerFixture();
    const [here, there] = [fixture.process(), fixture.process()];
    await here.ledger.execute(customer, grantOf('one', '10'));
    await fixture.project();
    expect((await there.ledger.execute(customer, { type: 'Settle' })).kind).toBe('applied');
  });
});
