import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toTimestamp, type rpc } from '#contracts';
import { ACCOUNT_STATE_VERSION, Amount, instant, instantFromMs, type Instant } from '#domain';
import type { EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import type { ReadStore, TransactionFilter } from '#read-store';
import { MemoryReadData, openMemoryReadStore } from '#read-store/testing';
import { answerAccess } from './access/check-access.js';
import { ChangeFeedFull, RevisionNotVisible } from './feed/errors.js';
import { createReadSide, type ReadSide } from './read-side.js';
import { startProjecting, untilProjected } from './testing/projected.js';
import { TestLedger } from './testing/test-ledger.js';
import { watchWallet } from './watch/watch-wallet.js';

const NEVER = new AbortController().signal;
const PATIENT = { signal: NEVER };

describe('reads', () => {
  let eventStore: EventStore;
  let readStore: ReadStore;
  let ledger: TestLedger;
  let reads: ReadSide;
  let stopProjecting: () => Promise<void>;

  beforeEach(async () => {
    eventStore = openMemoryEventStore();
    readStore = openMemoryReadStore();
    ledger = await new TestLedger(eventStore).withBasicPlan();
    reads = createReadSide({
      eventStore,
      readStore,
      clock: { now: () => ledger.now },
      maxWaitMs: 50,
      maxWatches: 3,
    });
    stopProjecting = startProjecting(eventStore, readStore);
  });

  afterEach(() => stopProjecting());

  const projected = () => untilProjected(eventStore, readStore);
  const wallet = (
    over: { asOf?: Instant; minRevision?: number; creditSystem?: string; customerId?: string } = {},
  ) =>
    reads.wallets.get(
      { customerId: 'a', creditSystem: 'credits', asOf: undefined, minRevision: undefined, ...over },
      PATIENT,
    );

  describe('of a wallet', () => {
    it('adds up by source, and shows each grant with its origin', async () => {
      await ledger.subscribe('a');
      await ledger.grant('a', '20');
      await ledger.use('a', 'u1', '30');
      await projected();
      expect(await wallet()).toMatchObject({
        totalAvailable: '90',
        included: '70',
        promotional: '20',
        purchased: '0',
        revision: ledger.revision('a'),
        nextExpiry: { at: { seconds: Date.parse('2026-02-01T00:00:00Z') / 1000 }, amount: '70' },
        nextRenewal: { subscriptionId: 'sub', amount: '100' },
        grants: [
          {
            source: 'INCLUDED',
            consumed: '30',
            origin: { kind: 'ALLOWANCE', plan: { id: 'basic', version: 1 } },
          },
          { source: 'PROMOTIONAL', available: '20', origin: { kind: 'PROMOTION', reason: 'welcome' } },
        ],
      });
    });

    it('is settled to now although no timer ran', async () => {
      await ledger.subscribe('a');
      await ledger.use('a', 'u1', '30');
      await projected();
      ledger.at('2026-03-15T00:00:00Z');
      expect(await wallet()).toMatchObject({ totalAvailable: '100', pendingExpiry: '0', revision: 2 });
    });

    it('keeps what has expired aside while usage may still be on its way', async () => {
      await readStore.publishHorizons([
        { partition: 'usage-events/0', consumedThrough: instant('2026-01-20T00:00:00Z') },
      ]);
      const behind = createReadSide({
        eventStore,
        readStore,
        clock: { now: () => ledger.now },
        usageTopic: 'usage-events',
      });
      await ledger.subscribe('a');
      await ledger.use('a', 'u1', '30');
      await projected();
      ledger.at('2026-02-15T00:00:00Z');
      const query = { customerId: 'a', creditSystem: 'credits', asOf: undefined, minRevision: undefined };
      expect(await behind.wallets.get(query, PATIENT)).toMatchObject({
        totalAvailable: '100',
        pendingExpiry: '70',
      });
    });

    it('answers as of a recorded time what it would have answered then', async () => {
      await ledger.subscribe('a');
      ledger.at('2026-01-05T00:00:00Z');
      await ledger.use('a', 'u1', '30');
      ledger.at('2026-01-10T00:00:00Z');
      await ledger.use('a', 'u2', '50');
      await projected();
      const asOf = async (text: string) => (await wallet({ asOf: instant(text) })).totalAvailable;
      expect(await asOf('2026-01-04T23:59:59.999Z')).toBe('100');
      expect(await asOf('2026-01-05T00:00:00Z')).toBe('70');
      expect(await asOf('2026-01-31T23:59:59.999Z')).toBe('20');
      await expect(asOf('2025-12-31T00:00:00Z')).rejects.toMatchObject({
        rejection: { reason: 'CUSTOMER_UNKNOWN' },
      });
    });

    it('takes a moment still to come for now, however far it lies, and says so', async () => {
      await ledger.subscribe('a');
      ledger.at('2026-01-10T00:00:00Z');
      await projected();
      const then = await wallet({ asOf: instant('9999-12-31T00:00:00Z') });
      expect(then).toMatchObject({ totalAvailable: '100', asOf: toTimestamp(ledger.now) });
    });

    it('is empty for a credit system never touched, and refused for one that does not exist', async () => {
      await ledger.subscribe('a');
      await projected();
      await expect(wallet({ creditSystem: 'nope' })).rejects.toMatchObject({
        rejection: { reason: 'CREDIT_SYSTEM_UNKNOWN' },
      });
      await expect(wallet({ creditSystem: 'constructor' })).rejects.toMatchObject({
        rejection: { reason: 'CREDIT_SYSTEM_UNKNOWN' },
      });
      await expect(wallet({ customerId: 'nobody' })).rejects.toMatchObject({
        rejection: { reason: 'CUSTOMER_UNKNOWN' },
      });
    });

    it('reads its own writes by min_revision, and says when they do not come', async () => {
      await ledger.subscribe('a');
      await ledger.use('a', 'u1', '30');
      expect(await wallet({ minRevision: ledger.revision('a') })).toMatchObject({ totalAvailable: '70' });
      await expect(wallet({ minRevision: 99 })).rejects.toThrow(
        /revision 99 is not in the read store after 50 ms/,
      );
      expect(reads.feed.watches).toBe(0);
    });

    it('reads an account that no projector has seen yet from its stream', async () => {
      await stopProjecting();
      await ledger.subscribe('a');
      expect(await wallet()).toMatchObject({ totalAvailable: '100', revision: 1 });
    });

    it('lists every wallet of a customer', async () => {
      await ledger.subscribe('a');
      await projected();
      expect(await reads.wallets.list('a', PATIENT, undefined)).toMatchObject({
        wallets: [{ creditSystem: 'credits', totalAvailable: '100' }],
        revision: 1,
      });
    });
  });

  describe('of access', () => {
    const access = (quantity: string, feature = 'call') =>
      answerAccess(
        { customerId: 'a', feature, quantity: Amount.parse(quantity), minRevision: undefined },
        reads,
        PATIENT,
      );

    it('gives the verdict of a synchronous debit, with what it would cost', async () => {
      await ledger.subscribe('a');
      await projected();
      expect(await access('40', 'image')).toMatchObject({
        allowed: true,
        credits: '100',
        creditMetered: true,
      });
      expect(await access('41', 'image')).toMatchObject({ allowed: false, reason: 'INSUFFICIENT_CREDITS' });
      expect(await access('1', 'unheard of')).toMatchObject({ allowed: true, creditMetered: false });
    });
  });

  describe('of transactions', () => {
    const list = (filter: Partial<TransactionFilter> = {}, pageSize = 100, before?: number) =>
      reads.transactions.list(
        { filter: { customerId: 'a', ...filter }, pageSize, before, minRevision: undefined },
        PATIENT,
      );

    it('come newest first, page by page, each with the balance after it', async () => {
      await ledger.subscribe('a');
      for (let i = 1; i <= 5; i++) await ledger.use('a', `u${i}`, '1');
      await projected();
      const { transactions, nextPageToken } = await list({}, 4);
      expect(transactions.map(({ balance }) => balance?.included)).toEqual(['95', '96', '97', '98']);
      expect(transactions[0]).toMatchObject({ type: 'DEBITED', change: { included: '-1' }, usageId: 'u5' });
      expect(nextPageToken).not.toBe('');
      const rest = await list({}, 4, Number(transactions.at(-1)?.transactionId));
      expect(rest.transactions.map(({ type }) => type)).toEqual(['DEBITED', 'GRANTED']);
      expect(rest.nextPageToken).toBe('');
    });

    it('of an unknown customer are refused, not empty', async () => {
      await expect(list()).rejects.toMatchObject({ rejection: { reason: 'CUSTOMER_UNKNOWN' } });
    });

    it('of a credit system that does not exist are refused, not empty', async () => {
      await ledger.subscribe('a');
      await projected();
      await expect(list({ creditSystem: 'nope' })).rejects.toMatchObject({
        rejection: { reason: 'CREDIT_SYSTEM_UNKNOWN' },
      });
      expect((await list({ creditSystem: 'credits' })).transactions).toHaveLength(1);
    });

    it('explain themselves from their own event', async () => {
      await ledger.subscribe('a');
      await ledger.grant('a', '20');
      await ledger.use('a', 'u1', '42', 'image');
      await ledger.use('a', 'u2', '8', 'image');
      await projected();
      const get = (revision: number): Promise<rpc.GetTransactionResponse> =>
        reads.transactions.get('a', revision, PATIENT, undefined);
      expect(await get(3)).toMatchObject({
        transaction: { type: 'DEBITED', balance: { totalAvailable: '15' } },
        balanceBefore: { totalAvailable: '120', included: '100', promotional: '20' },
        draws: [
          { source: 'INCLUDED', amount: '100' },
          { source: 'PROMOTIONAL', amount: '5' },
        ],
        usage: {
          event: { source: 'test', id: 'u1', quantity: '42', dimensions: { model: 'xl' } },
          plan: { id: 'basic', version: 1 },
          creditCost: '2.5',
          credits: '105',
          uncovered: '0',
        },
        cause: { kind: 'USAGE', source: 'test', id: 'u1' },
      });
      expect(await get(4)).toMatchObject({
        usage: { credits: '20', uncovered: '5', disposition: 'BLOCKED' },
      });
      expect(await get(5)).toMatchObject({
        transaction: { type: 'UNCOVERED', uncovered: '5' },
        usage: { event: { id: 'u2' }, uncovered: '5', disposition: 'BLOCKED' },
        draws: [],
      });
      expect(await get(2)).toMatchObject({
        origin: { kind: 'PROMOTION', reason: 'welcome', actor: 'support' },
        cause: { kind: 'COMMAND' },
      });
      await expect(get(0)).rejects.toMatchObject({ reason: 'TRANSACTION_UNKNOWN' });
      await expect(get(99)).rejects.toMatchObject({ reason: 'TRANSACTION_UNKNOWN' });
    });
  });

  it('by min_revision do not wait for what was projected before the version of the state changed', async () => {
    await stopProjecting();
    const data = new MemoryReadData();
    const former = openMemoryReadStore({ data });
    const stop = startProjecting(eventStore, former);
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '30');
    await untilProjected(eventStore, former);
    await stop();
    reads = createReadSide({
      eventStore,
      readStore: openMemoryReadStore({ data, stateVersion: ACCOUNT_STATE_VERSION + 1 }),
      clock: { now: () => ledger.now },
      maxWaitMs: 500,
    });
    const minRevision = ledger.revision('a');
    expect(await wallet({ minRevision })).toMatchObject({ totalAvailable: '70', revision: minRevision });
    const list = { filter: { customerId: 'a' }, pageSize: 10, before: undefined, minRevision };
    expect((await reads.transactions.list(list, PATIENT)).transactions).toHaveLength(2);
    const access = { customerId: 'a', feature: 'call', quantity: Amount.parse('71'), minRevision };
    expect(await answerAccess(access, reads, PATIENT)).toMatchObject({
      allowed: false,
      revision: minRevision,
    });
    await expect(wallet({ minRevision: minRevision + 1 })).rejects.toThrow(RevisionNotVisible);
  });

  describe('of a read store that is far behind', () => {
    let far: boolean;
    beforeEach(async () => {
      await ledger.subscribe('a');
      await ledger.use('a', 'u1', '30');
      await projected();
      await stopProjecting();
      await ledger.use('a', 'u2', '7');
      far = true;
      reads = createReadSide({
        eventStore,
        readStore,
        clock: { now: () => ledger.now },
        freshness: { isFarBehind: () => far },
        maxWaitMs: 50,
      });
    });

    it('fold on from its rows what the stream has beyond them', async () => {
      const now = { totalAvailable: '63', revision: ledger.revision('a') };
      expect(await wallet()).toMatchObject(now);
      expect(await wallet({ minRevision: now.revision })).toMatchObject(now);
      await expect(wallet({ minRevision: now.revision + 1 })).rejects.toThrow(RevisionNotVisible);
      const access = {
        customerId: 'a',
        feature: 'call',
        quantity: Amount.parse('64'),
        minRevision: undefined,
      };
      expect(await answerAccess(access, reads, PATIENT)).toMatchObject({ allowed: false });
      far = false;
      expect(await wallet()).toMatchObject({ totalAvailable: '70' });
    });

    it('do not say of a transaction that there is none before it could be there', async () => {
      const get = (revision: number) => reads.transactions.get('a', revision, PATIENT, undefined);
      expect(await get(2)).toMatchObject({ transaction: { usageId: 'u1' } });
      await expect(get(3)).rejects.toThrow(RevisionNotVisible);
      far = false;
      await expect(get(3)).rejects.toMatchObject({ reason: 'TRANSACTION_UNKNOWN' });
    });

    it('tell a watcher nothing that is past, and what is new once it is projected', async () => {
      const stop = new AbortController();
      const seen: string[] = [];
      const watching = (async () => {
        for await (const { totalAvailable } of watchWallet('a', 'credits', reads, stop.signal))
          seen.push(totalAvailable);
      })();
      while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      // Not told as the row says, although the row is what readers get from now on.
      far = false;
      await new Promise((resolve) => setTimeout(resolve, 50));
      stopProjecting = startProjecting(eventStore, readStore);
      await projected();
      await ledger.use('a', 'u3', '1');
      while (seen.length === 1) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(seen).toEqual(['63', '62']);
      stop.abort();
      await expect(watching).rejects.toThrow();
    });
  });

  describe('watching a wallet', () => {
    async function* watched(signal: AbortSignal) {
      for await (const { totalAvailable } of watchWallet('a', 'credits', reads, signal)) yield totalAvailable;
    }

    it('gives the wallet as it is, then every change of it, the latest where the reader is slow', async () => {
      await ledger.subscribe('a');
      await projected();
      const stop = new AbortController();
      const wallets = watched(stop.signal);
      expect((await wallets.next()).value).toBe('100');
      await ledger.use('a', 'u1', '1');
      expect((await wallets.next()).value).toBe('99');
      for (let i = 2; i <= 10; i++) await ledger.use('a', `u${i}`, '1');
      await projected();
      expect((await wallets.next()).value).toBe('90');
      stop.abort();
      await expect(wallets.next()).rejects.toThrow();
      expect(reads.feed.watches).toBe(0);
    });

    it('tells of an expiry that no event has recorded yet', async () => {
      const beforeExpiry = Date.parse('2026-01-31T23:59:59.950Z');
      // It stands still until the credits have been seen.
      let seenAt: number | undefined;
      const clock = {
        now: () => {
          const passed = seenAt === undefined ? 0 : performance.now() - seenAt;
          return instantFromMs(Math.floor(beforeExpiry + passed));
        },
      };
      const live = createReadSide({ eventStore, readStore, clock });
      ledger.at('2026-01-15T00:00:00Z');
      await ledger.subscribe('a', '2026-01-15T00:00:00Z');
      await ledger.grant('a', '7', '2026-02-01T00:00:00Z');
      await projected();
      const stop = new AbortController();
      const seen: string[] = [];
      for await (const { totalAvailable } of watchWallet('a', 'credits', live, stop.signal)) {
        seen.push(totalAvailable);
        seenAt ??= performance.now();
        if (seen.length === 2) break;
      }
      expect(seen).toEqual(['107', '100']);
    });

    it('ends when the process goes away, and says so', async () => {
      await ledger.subscribe('a');
      await projected();
      const watch = reads.feed.watch('a');
      expect(await watch.next(NEVER, 1_000)).toBe(1);
      const next = watch.next(NEVER, 1_000);
      reads.feed.close();
      await expect(next).rejects.toMatchObject({ name: 'ShuttingDown' });
      expect(() => reads.feed.watch('a')).toThrow(/shutting down/);
      expect(reads.feed.watches).toBe(0);
    });

    it('is bounded: one reader too many is refused', () => {
      const watches = [1, 2, 3].map(() => reads.feed.watch('a'));
      expect(() => reads.feed.watch('a')).toThrow(ChangeFeedFull);
      for (const watch of watches) watch.close();
      expect(reads.feed.watches).toBe(0);
    });
  });

  it('looks for changes only while somebody waits', async () => {
    let looks = 0;
    const counting: ReadStore = {
      ...readStore,
      changedAccounts: (after, limit) => {
        looks += 1;
        return readStore.changedAccounts(after, limit);
      },
    };
    const { feed } = createReadSide({ eventStore, readStore: counting, clock: { now: () => ledger.now } });
    const watch = feed.watch('a');
    await watch.next(NEVER, 1_000);
    await watch.next(NEVER, 30);
    expect(looks).toBeGreaterThan(1);
    watch.close();
    await new Promise((resolve) => setTimeout(resolve, 40));
    const before = looks;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(looks).toBe(before);
  });
});
