import { beforeEach, describe, expect, it } from '@jest/globals';
import { chainEvent, encodeEvent, GENESIS_HASH } from '#contracts';
import { Amount, initialCatalog, type AccountEvent } from '#domain';
import { EventsDamaged, type EventStore, type NewEvent } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { accountStream } from '#journal';
import { TestLedger } from '../testing/test-ledger.js';
import type { Verification } from './account-verifier.js';
import { bookRules, verifyAccount } from './verify-account.js';

describe('verifying an account', () => {
  let eventStore: EventStore;
  let ledger: TestLedger;

  beforeEach(async () => {
    eventStore = openMemoryEventStore();
    ledger = await new TestLedger(eventStore).withBasicPlan({
      credits: [
        {
          creditSystem: 'credits',
          included: {
            allowance: Amount.parse('100'),
            resetInterval: { unit: 'month', count: 1 },
            rollover: { cap: Amount.parse('25'), periods: 2 },
          },
          lowCreditLimit: { threshold: Amount.parse('10'), action: 'alert' },
        },
      ],
    });
  });

  const verify = (store = eventStore): Promise<Verification> =>
    verifyAccount(store, 'a', bookRules(ledger.catalog.current));

  /** A life with everything in it that moves credits. */
  async function live(): Promise<void> {
    await ledger.subscribe('a');
    await ledger.grant('a', '30', '2026-01-20T00:00:00Z');
    await ledger.at('2026-01-10T00:00:00Z').use('a', 'u1', '16', 'image');
    await ledger.send('a', {
      type: 'PlaceHold',
      holdId: 'h1',
      creditSystem: 'credits',
      amount: Amount.parse('20'),
      timesOutAt: ledger.now.replace('-10T', '-25T') as typeof ledger.now,
    });
    await ledger.send('a', { type: 'CaptureHold', holdId: 'h1', amount: Amount.parse('25') });
    await ledger.send('a', {
      type: 'PlaceHold',
      holdId: 'h2',
      creditSystem: 'credits',
      amount: Amount.parse('5'),
      timesOutAt: ledger.now.replace('-10T', '-15T') as typeof ledger.now,
    });
    await ledger.at('2026-02-03T00:00:00Z').use('a', 'u2', '3');
    await ledger.send('a', { type: 'ReverseDebit', usage: { source: 'test', id: 'u1' }, reason: 'mistake' });
    await ledger.use('a', 'late', '10', 'call', '2026-01-30T00:00:00.000Z' as typeof ledger.now);
    await ledger.at('2026-02-10T00:00:00Z').use('a', 'u3', '1000', 'image');
    await ledger.at('2026-05-01T12:00:00Z').use('a', 'u4', '0.3333333', 'image');
    const grant = ledger.state('a').wallets['credits']?.grants[0];
    await ledger.send('a', {
      type: 'VoidGrant',
      creditSystem: 'credits',
      grantId: grant?.grantId ?? '',
      reason: 'test',
    });
    await ledger.send('a', { type: 'CancelSubscription', subscriptionId: 'sub', when: 'now' });
  }

  it('finds nothing in a life that the ledger itself wrote', async () => {
    await live();
    const types = new Set(ledger.events('a').map(({ type }) => type));
    expect([...types]).toEqual(
      expect.arrayContaining([
        'CreditsRolledOver',
        'CreditsExpired',
        'HoldCaptured',
        'HoldReleased',
        'DebitReversed',
        'UsageUncovered',
        'CreditsVoided',
      ]),
    );
    const verified = await verify();
    expect(verified.findings).toEqual([]);
    expect(verified).toMatchObject({ events: ledger.revision('a') + 1, findingCount: 0 });
  });

  /** The same journal with one event changed, and the chain made whole again over it. */
  async function forge(change: (event: AccountEvent, revision: number) => AccountEvent): Promise<EventStore> {
    const forged = openMemoryEventStore();
    const stream = accountStream('a');
    let previous = GENESIS_HASH;
    const events = ledger.events('a').map((event, revision): NewEvent => {
      const { type, data } = encodeEvent(change(event, revision));
      const link = chainEvent(previous, { stream, revision, type, data });
      previous = link.hash;
      return { id: link.id, type, data, metadata: link.metadata };
    });
    await forged.append(stream, -1, events);
    return forged;
  }

  const tenMore = (text: Amount): Amount => text.plus(Amount.parse('10'));

  it('finds credits that are said to be unusable, and were not', async () => {
    await ledger.subscribe('a');
    await ledger.send('a', {
      type: 'GrantCredits',
      creditSystem: 'credits',
      amount: Amount.parse('30'),
      effectiveAt: '2026-12-01T00:00:00.000Z' as typeof ledger.now,
      reason: 'test',
      actor: 'test',
    });
    expect((await verify()).findings).toEqual([]);
    const forged = await forge((event) =>
      event.type === 'CreditsGranted' && event.unusable
        ? { ...event, unusable: { ...event.unusable, promotional: tenMore(event.unusable.promotional) } }
        : event,
    );
    expect((await verify(forged)).findings).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('promotional 40 cannot be used at'),
      }),
    ]);
  });

  it('finds a grant that was made larger', async () => {
    await live();
    const forged = await forge((event) =>
      event.type === 'CreditsGranted' && event.source === 'promotional'
        ? { ...event, amount: tenMore(event.amount) }
        : event,
    );
    expect((await verify(forged)).findings[0]).toMatchObject({ revision: 2, check: 'conservation' });
  });

  it('finds a debit that drew on the wrong grant, although every sum is right', async () => {
    await ledger.subscribe('a');
    await ledger.grant('a', '30', '2026-01-20T00:00:00Z');
    await ledger.grant('a', '30', '2026-01-25T00:00:00Z');
    await ledger.use('a', 'u1', '5');
    const [first, second] = ledger.state('a').wallets['credits']?.grants ?? [];
    const forged = await forge((event) =>
      event.type === 'CreditsDebited'
        ? { ...event, draws: event.draws.map((draw) => ({ ...draw, grantId: second?.grantId ?? '' })) }
        : event,
    );
    expect((await verify(forged)).findings).toEqual([
      {
        revision: 4,
        check: 'draws',
        message: `the debit drew ${second?.grantId} 5, but the burn-down order gives ${first?.grantId} 5`,
      },
    ]);
  });

  it('finds a debit that was rounded to somebody’s advantage', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '0.3333333', 'image');
    const more = Amount.parse('0.000001');
    const forged = await forge((event) =>
      event.type === 'CreditsDebited'
        ? {
            ...event,
            usage: { ...event.usage, amount: event.usage.amount.plus(more) },
            draws: event.draws.map((draw) => ({ ...draw, amount: draw.amount.plus(more) })),
            balance: { ...event.balance, included: event.balance.included.minus(more) },
          }
        : event,
    );
    expect((await verify(forged)).findings[0]?.message).toBe(
      '0.3333333 × 2.5 to 6 decimals is 0.833333, but 0.833334 was debited',
    );
  });

  it('finds nothing wrong with usage that no grant could pay, right after one that took the last credit', async () => {
    await ledger.subscribe('a');
    const allowance = ledger.events('a').find((event) => event.type === 'CreditsGranted');
    await ledger.use('a', 'u1', allowance?.amount.toString() ?? '');
    await ledger.use('a', 'u2', '5');
    expect(ledger.events('a').at(-1)?.type).toBe('UsageUncovered');
    expect((await verify()).findings).toEqual([]);
  });

  it('finds usage that went unpaid while there were credits to pay it', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '150');
    const forged = await forge((event) => {
      if (event.type !== 'CreditsDebited') return event;
      const [draw] = event.draws;
      if (!draw) return event;
      return {
        ...event,
        draws: [{ ...draw, amount: draw.amount.minus(Amount.parse('40')) }],
        uncovered: event.uncovered.plus(Amount.parse('40')),
        balance: { ...event.balance, included: Amount.parse('40') },
      };
    });
    const checks = (await verify(forged)).findings.map(({ revision, check }) => `${revision} ${check}`);
    expect(checks).toContain('2 draws');
  });

  it('finds that what a debit left uncovered was cut off, though nothing follows it', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '150');
    const events = ledger.events('a');
    const debit = events.findIndex(({ type }) => type === 'CreditsDebited');
    expect(events[debit + 1]?.type).toBe('UsageUncovered');
    const cut = openMemoryEventStore();
    for await (const batch of eventStore.readStream(accountStream('a'), { limit: debit + 1 })) {
      await cut.append(accountStream('a'), -1, batch);
    }
    expect((await verify(cut)).findings).toEqual([
      {
        revision: debit,
        check: 'draws',
        message: '50 credits of the debit before are uncovered, but not recorded',
      },
    ]);
  });

  it('finds an account with credits of a system that the catalog does not have, and says so once', async () => {
    await live();
    const empty = bookRules(initialCatalog);
    const forgotten = await forge((event) => event);
    expect((await verifyAccount(forgotten, 'a', empty)).findings).toEqual([
      {
        revision: 1,
        check: 'draws',
        message: 'credit system credits is not in the catalog: no debit of it can be recounted',
      },
    ]);
    expect((await verifyAccount(forgotten, 'a', bookRules(undefined))).findings).toEqual([]);
  });

  it('finds nothing wrong with a credit system that was defined after the catalog had been read', async () => {
    await live();
    expect((await verifyAccount(eventStore, 'a', bookRules(initialCatalog))).findings).toEqual([]);
  });

  it('finds what is damaged, and examines what stands before and behind it', async () => {
    await live();
    const damaged: EventStore = {
      ...eventStore,
      async *readStream(stream, options) {
        for await (const batch of eventStore.readStream(stream, options)) {
          const from = batch[0]?.revision ?? 0;
          if (from > 3) yield batch;
          else {
            yield batch.filter(({ revision }) => revision < 3);
            throw new EventsDamaged(stream, 3, batch[3]?.position ?? 0n, 'what is stored is no append');
          }
        }
      },
    };
    const { findings, events, revision } = await verify(damaged);
    expect(findings[0]).toEqual({ revision: 3, check: 'unreadable', message: 'what is stored is no append' });
    expect(findings[1]).toEqual({ revision: 4, check: 'revision', message: 'revision 4 follows 2' });
    expect(revision).toBe(ledger.revision('a'));
    expect(events).toBe(ledger.revision('a'));
  });

  it('finds usage that was debited twice, however far apart', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    await ledger.use('a', 'u2', '1');
    await ledger.use('a', 'u3', '1');
    const first = ledger.events('a').find(({ type }) => type === 'CreditsDebited');
    const forged = await forge((event, revision) =>
      revision === 4 && first ? { ...event, cause: first.cause } : event,
    );
    expect((await verify(forged)).findings).toEqual([
      { revision: 4, check: 'twice', message: 'usage/test/u1 was answered before' },
    ]);
  });

  it('finds a reversal that gave back to another grant than was drawn last', async () => {
    await ledger.subscribe('a');
    await ledger.grant('a', '30', '2026-01-20T00:00:00Z');
    await ledger.use('a', 'u1', '40');
    await ledger.send('a', {
      type: 'ReverseDebit',
      usage: { source: 'test', id: 'u1' },
      amount: Amount.parse('5'),
      reason: 'part',
    });
    expect((await verify()).findings).toEqual([]);
    const debit = ledger.events('a').find(({ type }) => type === 'CreditsDebited');
    if (debit?.type !== 'CreditsDebited') throw new Error('no debit');
    const forged = await forge((event) => {
      const [draw] = debit.draws;
      if (event.type !== 'DebitReversed' || !draw) return event;
      const five = Amount.parse('5');
      const balance = { ...debit.balance, promotional: debit.balance.promotional.plus(five) };
      return { ...event, restored: [{ ...draw, amount: five }], balance };
    });
    expect((await verify(forged)).findings.map(({ revision, check }) => `${revision} ${check}`)).toContain(
      '4 draws',
    );
  });

  it('finds nothing in an account that goes on while it is examined', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    await ledger.use('a', 'u2', '1');
    const reverse = (id: string) =>
      ledger.send('a', { type: 'ReverseDebit', usage: { source: 'test', id }, reason: 'mistake' });
    await reverse('u1');
    const examined = ledger.revision('a');
    let passes = 0;
    const live: EventStore = {
      ...eventStore,
      async *readStream(stream, options) {
        if (++passes === 2) await reverse('u2');
        yield* eventStore.readStream(stream, options);
      },
    };
    expect(await verify(live)).toMatchObject({ findings: [], revision: examined });
    expect(ledger.revision('a')).toBeGreaterThan(examined);
    expect((await verify()).findings).toEqual([]);
  });

  it.each([
    ['data', 'chain', /says that its hash is/],
    ['metadata', 'chain', /says that it follows/],
    ['id', 'chain', /its id is/],
  ] as const)('finds an event whose %s was changed, and finds it once', async (part, check, message) => {
    await live();
    const tampered = openMemoryEventStore();
    for await (const batch of eventStore.readStream(accountStream('a'))) {
      for (const { id, type, data, metadata, revision } of batch) {
        const event = { id, type, data, metadata };
        const target = type === 'UsageUncovered';
        await tampered.append(accountStream('a'), revision - 1, [
          target ? { ...event, ...changed(event, part) } : event,
        ]);
      }
    }
    const { findings } = await verify(tampered);
    expect(findings.filter((finding) => finding.check === check)).toHaveLength(1);
    expect(findings[0]?.message).toMatch(message);
  });

  it('finds an event that is missing, and bytes that are no event', async () => {
    await live();
    const gap = openMemoryEventStore();
    let revision = -1;
    for await (const batch of eventStore.readStream(accountStream('a'))) {
      for (const { id, type, data, metadata, revision: own } of batch) {
        if (own === 3) continue;
        await gap.append(accountStream('a'), revision++, [
          { id, type, data: own === 5 ? Buffer.from('{') : data, metadata },
        ]);
      }
    }
    const checks = (await verify(gap)).findings.map((finding) => `${finding.revision} ${finding.check}`);
    expect(checks).toContain('3 chain');
    expect(checks).toContain('4 unreadable');
  });
});

function changed(event: NewEvent, part: 'data' | 'metadata' | 'id'): Partial<NewEvent> {
  if (part === 'id') return { id: '00000000-0000-5000-8000-000000000000' };
  if (part === 'metadata') {
    return {
      metadata: Buffer.from(
        Buffer.from(event.metadata)
          .toString()
          .replace(/("previous":")./, '$1f'),
      ),
    };
  }
  return { data: Buffer.from(Buffer.from(event.data).toString().replace('blocked', 'billable')) };
}
