import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEventStore, openReadStore } from '#adapters';
import { chainEvent, GENESIS_HASH } from '#contracts';
import { Amount, instant } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import type { ReadStore } from '#read-store';
import { startProjecting, untilProjected } from '../../../libs/read-side/src/testing/projected.js';
import { TestLedger } from '../../../libs/read-side/src/testing/test-ledger.js';
import { readArguments } from './arguments.js';
import { audited } from './testing/audited.js';
import { verify } from './commands/verify.js';
import { openJournal } from './stores.js';

describe('the audit tool', () => {
  let folder: string;
  let urls: { EVENT_STORE_URL: string; READ_STORE_URL: string };
  let eventStore: EventStore;
  let readStore: ReadStore;
  let ledger: TestLedger;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'purser-audit-'));
    urls = {
      EVENT_STORE_URL: `sqlite:${join(folder, 'events.db')}`,
      READ_STORE_URL: `sqlite:${join(folder, 'read.db')}`,
    };
    eventStore = openEventStore(urls.EVENT_STORE_URL);
    readStore = await openReadStore(urls.READ_STORE_URL);
    ledger = await new TestLedger(eventStore).withBasicPlan();
    for (const customer of ['ann', 'bob', 'zoë']) await ledger.subscribe(customer);
    await ledger.grant('ann', '20');
    await ledger.at('2026-01-10T00:00:00Z').use('ann', 'u1', '42', 'image');
    await ledger.use('ann', 'u2', '8', 'image');
    await ledger.use('bob', 'u1', '1');
    await ledger.at('2026-01-20T00:00:00Z').send('ann', {
      type: 'ReverseDebit',
      usage: { source: 'test', id: 'u1' },
      reason: 'refund',
    });
    const stop = startProjecting(eventStore, readStore);
    await untilProjected(eventStore, readStore);
    await stop();
  });

  afterEach(async () => {
    await readStore.close();
    await eventStore.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const audit = (...args: string[]) => audited(args, urls);

  /** A copy of the journal with a stream that was written anew, its chain whole; its URL. */
  async function rewrittenJournal(
    stream: string,
    change: (events: readonly RecordedEvent[]) => readonly Pick<RecordedEvent, 'type' | 'data'>[],
  ): Promise<string> {
    const url = `sqlite:${join(folder, 'rewritten.db')}`;
    const rewritten = openEventStore(url);
    const replaced: RecordedEvent[] = [];
    for await (const batch of eventStore.readAll({ streamPrefixes: [''] })) {
      for (const event of batch) {
        if (event.stream === stream) replaced.push(event);
        else await rewritten.append(event.stream, event.revision - 1, [event]);
      }
    }
    let previous = GENESIS_HASH;
    for (const [revision, { type, data }] of change(replaced).entries()) {
      const link = chainEvent(previous, { stream, revision, type, data });
      previous = link.hash;
      await rewritten.append(stream, revision - 1, [{ id: link.id, type, data, metadata: link.metadata }]);
    }
    await rewritten.close();
    return url;
  }

  const edited = (event: RecordedEvent, from: string, to: string) => ({
    ...event,
    data: Buffer.from(Buffer.from(event.data).toString().replace(from, to)),
  });

  /** What `verify` says of a journal that only this process has. */
  async function verified(journal: EventStore): Promise<{ exit: number; out: string }> {
    let out = '';
    const exit = await verify(readArguments(['verify'], urls), {
      journal,
      out: (text) => {
        out += text;
        return Promise.resolve();
      },
      err: () => undefined,
      showProgress: false,
    });
    return { exit, out };
  }

  const lines = (text: string): string[] => text.trimEnd().split('\n');

  /** A copy of the journal in which some bytes were changed behind everybody's back; its URL. */
  async function forgedJournal(change: (data: string) => string): Promise<string> {
    const url = `sqlite:${join(folder, 'forged.db')}`;
    const forged = openEventStore(url);
    for await (const batch of eventStore.readAll({ streamPrefixes: [''] })) {
      for (const { stream, revision, id, type, data, metadata } of batch) {
        const bytes = Buffer.from(change(Buffer.from(data).toString()));
        await forged.append(stream, revision - 1, [{ id, type, data: bytes, metadata }]);
      }
    }
    await forged.close();
    return url;
  }

  it('replays an account up to a time, in every format', async () => {
    const table = await audit('replay', 'ann', '--to', '2026-01-10');
    expect(table.exit).toBe(0);
    expect(lines(table.out).map((line) => line.split(/ {2,}/)[3])).toEqual([
      'event',
      'SubscriptionStarted',
      'CreditsGranted',
      'CreditsGranted',
      'CreditsDebited',
      'CreditsDebited',
      'UsageUncovered',
    ]);
    const csv = await audit('replay', 'ann', '--format', 'csv');
    expect(lines(csv.out).at(-1)).toBe(
      '2026-01-20T00:00:00.000Z,account-ann,6,DebitReversed,credits,105,100,0,5,0,command key 8,2026-01-20T00:00:00.000Z',
    );
    const ndjson = await audit('replay', 'ann', '--format', 'ndjson');
    const last = JSON.parse(lines(ndjson.out).at(-1) ?? '') as {
      revision: number;
      event: { reason: string };
    };
    expect(last).toMatchObject({ revision: 6, type: 'DebitReversed', event: { reason: 'refund' } });
  });

  it('replays everything, the catalog included', async () => {
    const { out, exit } = await audit('replay', '--format', 'ndjson');
    const streams = new Set(lines(out).map((line) => (JSON.parse(line) as { stream: string }).stream));
    expect([...streams].sort()).toEqual(['account-ann', 'account-bob', 'account-zoë', 'catalog']);
    expect(exit).toBe(0);
  });

  it('verifies every account and the catalog, and says that everything adds up', async () => {
    const { out, exit } = await audit('verify');
    expect(out).toBe('3 accounts, 15 events: everything adds up\n');
    expect(exit).toBe(0);
  });

  it('finds one changed byte, in which event, and ends with 1', async () => {
    const url = await forgedJournal((data) => data.replace('"quantity":"42"', '"quantity":"41"'));
    const { out, exit } = await audit('verify', '--event-store', url);
    expect(exit).toBe(1);
    expect(out).toMatch(/^ann: revision 3: chain: says that its hash is/m);
    expect(out).toMatch(/^ann: revision 3: draws: 41 × 2.5 to 6 decimals is 102.5, but 105 was debited$/m);
    expect((await audit('verify', 'bob', '--event-store', url)).exit).toBe(0);
  });

  it('finds nothing in accounts that go on while others are examined', async () => {
    const journal: EventStore = {
      ...eventStore,
      async *readAll(options) {
        let after = 0n;
        for await (const batch of eventStore.readAll(options)) {
          yield batch;
          after = batch.at(-1)?.position ?? after;
        }
        await ledger.use('ann', 'meanwhile', '1');
        await ledger.subscribe('dan');
        yield* eventStore.readAll({ ...options, after });
      },
    };
    const { exit, out } = await verified(journal);
    expect(exit).toBe(0);
    expect(out).toBe('4 accounts, 17 events: everything adds up\n');
  });

  it('names the account whose first events are missing', async () => {
    const missing = ({ stream, revision }: RecordedEvent): boolean =>
      stream === 'account-bob' && revision === 0;
    const journal: EventStore = {
      ...eventStore,
      async *readAll(options) {
        for await (const batch of eventStore.readAll(options)) yield batch.filter((each) => !missing(each));
      },
      async *readStream(stream, options) {
        for await (const batch of eventStore.readStream(stream, options))
          yield batch.filter((each) => !missing(each));
      },
    };
    const { exit, out } = await verified(journal);
    expect(exit).toBe(1);
    expect(out).toMatch(/^bob: revision 1: revision: revision 1 follows -1$/m);
    expect(out).not.toMatch(/^(ann|zoë|catalog):/m);
  });

  it('tells where the events of an account do not fit each other, in one line', async () => {
    const swapped = await rewrittenJournal('account-ann', ([first, second, ...others]) =>
      [second, first, ...others].flatMap((event) => event ?? []),
    );
    const found = [
      await audit('balance', 'ann', '--event-store', swapped),
      await audit('explain', 'test', 'u1', '--customer', 'ann', '--event-store', swapped),
      await audit('rebuild', '--event-store', swapped),
    ];
    for (const { exit, err } of found) {
      expect(exit).toBe(1);
      expect(err).toMatch(/^account[- ]ann:? revision 0 \(CreditsGranted\): .*\n$/);
    }
  });

  it('tells which amount of a rewritten account does not add up, in one line', async () => {
    const more = await rewrittenJournal('account-ann', (events) =>
      events.map((event) => edited(event, '"amount":"20"', '"amount":"25"')),
    );
    const { exit, err } = await audit('rebuild', '--event-store', more);
    expect(exit).toBe(1);
    expect(err).toBe(
      'account ann: revision 2 (CreditsGranted): promotional was 0 and changed by 25, but the event says 20\n',
    );
  });

  it('tells that the catalog cannot be read, also of one account', async () => {
    const garbled = await rewrittenJournal('catalog', (events) =>
      events.map((event) => edited(event, '"scale":6', '"scale":"six"')),
    );
    const verified = await audit('verify', 'ann', '--event-store', garbled);
    expect(verified.exit).toBe(1);
    expect(verified.out).toMatch(/^catalog: revision 0: unreadable: /);
    expect(verified.out).not.toMatch(/^ann: /m);
    const balance = await audit('balance', 'ann', '--event-store', garbled);
    expect(balance.exit).toBe(1);
    expect(balance.err).toMatch(/^catalog revision 0 \(CreditSystemDefined\): .*\n$/);
  });

  it.each(['table', 'ndjson', 'csv'])(
    'replays no event without its place in the chain (%s)',
    async (format) => {
      const url = `sqlite:${join(folder, 'unchained.db')}`;
      const unchained = openEventStore(url);
      for await (const batch of eventStore.readStream('account-bob')) {
        const [first, ...others] = batch.map((event) => ({ ...event, metadata: Buffer.from('{}') }));
        if (first) await unchained.append('account-bob', -1, [first, ...others]);
      }
      await unchained.close();
      const { exit, err } = await audit('replay', 'bob', '--format', format, '--event-store', url);
      expect(exit).toBe(1);
      expect(err).toMatch(/^account-bob revision 0 \(SubscriptionStarted\): metadata must be/);
    },
  );

  it('says what of a balance could not be used', async () => {
    await ledger.at('2026-01-21T00:00:00Z').send('bob', {
      type: 'GrantCredits',
      creditSystem: 'credits',
      amount: Amount.parse('30'),
      effectiveAt: instant('2026-12-01T00:00:00Z'),
      reason: 'to come',
      actor: 'test',
    });
    await ledger.use('bob', 'u2', '1');
    const { out } = await audit('explain', 'test', 'u2', '--customer', 'bob');
    expect(out).toContain(
      'balance after:  128 (included 98, purchased 0, promotional 30), held 0; of it cannot be used: 30\n',
    );
  });

  it('folds everything anew and finds the live read store the same, row for row', async () => {
    const { out, exit } = await audit('rebuild');
    expect(out).toBe('3 accounts, 12 events folded anew: the live read store is the same, row for row\n');
    expect(exit).toBe(0);
  });

  it('finds the account whose row in the read store is not what the events say', async () => {
    const row = (await readStore.accounts(['bob'])).get('bob');
    if (!row) throw new Error('bob is not in the read store');
    const change = { row: { ...row, revision: 1 }, transactions: [], ids: [], closedGrants: [], agenda: [] };
    await readStore.apply({ projector: 'vandal', after: undefined, checkpoint: 1n, changes: [change] });
    const { out, exit } = await audit('rebuild', '--into', join(folder, 'rebuilt.db'));
    expect(exit).toBe(1);
    expect(out).toMatch(/^bob:\n {2}live {4}account \[1,.*\n {2}rebuilt account \[2,/);
    expect(out).toMatch(/1 accounts differ$/m);
    expect((await audit('rebuild', '--into', join(folder, 'rebuilt.db'))).exit).toBe(2);
  });

  it('keeps a rebuilt store under its name only once it is whole', async () => {
    const into = join(folder, 'rebuilt.db');
    writeFileSync(`${into}.unfinished`, 'half of a file, left behind by a run that was killed');
    const swapped = await rewrittenJournal('account-ann', ([, ...others]) => others);
    const broken = await audit('rebuild', '--into', into, '--event-store', swapped);
    expect(broken.exit).toBe(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('rebuilt'))).toEqual([]);
    expect((await audit('rebuild', '--into', into)).exit).toBe(0);
    expect(readdirSync(folder).filter((name) => name.startsWith('rebuilt'))).toEqual(['rebuilt.db']);
  });

  it('knows no balance of a time that is still to come', async () => {
    const { exit, err } = await audit('balance', 'ann', '--at', '9999-01-01');
    expect(exit).toBe(2);
    expect(err).toMatch(/^--at 9999-01-01T00:00:00.000Z is still to come/);
  });

  it('says what a wallet held at a time', async () => {
    const early = await audit('balance', 'ann', '--at', '2026-01-15', '--format', 'csv');
    expect(lines(early.out)[1]).toBe('credits,0,0,0,0,0,0,5');
    const late = await audit('balance', 'ann', '--at', '2026-01-21');
    expect(late.out).toMatch(/credits +105 +100 +0 +5 +0 +0 +5\n/);
    expect(late.out).toMatch(/included \(allowance\), until 2026-02-01T00:00:00.000Z: 100 of 100 available/);
    expect((await audit('balance', 'ann', '--at', '2020-01-01')).exit).toBe(1);
  });

  it('explains a usage event down to plan version, grants, and what was undone', async () => {
    const { out, exit } = await audit('explain', 'test', 'u1', '--customer', 'ann');
    expect(exit).toBe(0);
    expect(out).toContain(
      'priced by plan basic version 1 (subscription sub): 2.5 credits per unit, 105 in all',
    );
    expect(out).toMatch(/100 from grant .* \(included, until 2026-02-01T00:00:00.000Z; 100 were left\)/);
    expect(out).toMatch(/5 from grant .* \(promotional, never expires; 20 were left\)/);
    expect(out).toContain('balance before: 120 (included 100, purchased 0, promotional 20), held 0');
    expect(out).toMatch(/revision 6: reversed 105 at 2026-01-20T00:00:00.000Z: refund/);
    expect((await audit('explain', 'test', 'u1')).out.match(/^usage event/gm)).toHaveLength(2);
    expect((await audit('explain', 'test', 'nope')).exit).toBe(1);
  });

  it.each([
    { args: ['frobnicate'], message: 'no such command: frobnicate' },
    { args: ['replay', '--to', 'yesterday'], message: '--to: not an RFC 3339 date-time' },
    { args: ['balance'], message: 'balance needs a customer, got 0 names' },
    { args: ['replay', '--format', 'xml'], message: '--format must be one of table, ndjson, csv' },
    { args: ['verify', '--what'], message: '--what' },
    { args: ['verify', '--customer', 'ann'], message: '--customer is no option of verify\n' },
    { args: ['verify', '--format', 'csv'], message: '--format is no option of verify\n' },
    { args: ['balance', 'ann', '--to', '2026-01-15'], message: '--to is no option of balance\n' },
    { args: ['replay', '--at', '2026-01-15'], message: '--at is no option of replay\n' },
    { args: ['checkpoint', '--public-key', 'k'], message: '--public-key is no option of checkpoint\n' },
    {
      args: ['checkpoint', 'verify', 'c', '--key', 'k'],
      message: '--key is no option of checkpoint verify\n',
    },
    ...['foo', 'postgres://x', 'kurrentdb://x', ''].map((url) => ({
      args: ['verify', '--event-store', url],
      message: `--event-store must begin with sqlite: or esdb://, got "${url}"\n`,
    })),
    ...['sqlite:', 'sqlite: ', 'sqlite::memory:'].map((url) => ({
      args: ['verify', '--event-store', url],
      message: `--event-store must name a file: in memory each thread would have a store of its own, got "${url}"\n`,
    })),
    {
      args: ['rebuild', '--read-store', 'postgres:/u:s3cret@h/x'],
      message: '--read-store must begin with sqlite: or postgres://, got "postgres:…@h/x"\n',
    },
    {
      args: ['verify', '--event-store', 'esdb:/u:s3cret@h'],
      message: '--event-store must begin with sqlite: or esdb://, got "esdb:…@h"\n',
    },
  ])('ends with 2 and the reason for $args', async ({ args, message }) => {
    const { exit, err } = await audit(...args);
    expect(exit).toBe(2);
    expect(err).toContain(message);
  });

  it('ends with 3 where there is no store, and makes none', async () => {
    for (const path of ['nothing.db', 'no-folder/events.db']) {
      const { exit, err } = await audit('verify', '--event-store', `sqlite:${join(folder, path)}`);
      expect(exit).toBe(3);
      expect(err).toMatch(new RegExp(`^event store .*${path}: .*\n$`));
    }
    const { exit } = await audit('rebuild', '--read-store', `sqlite:${join(folder, 'no-folder/read.db')}`);
    expect(exit).toBe(3);
  });

  it('ends with 2 where something else stands than an event store, and says what', async () => {
    [urls.EVENT_STORE_URL, urls.READ_STORE_URL] = [urls.READ_STORE_URL, urls.EVENT_STORE_URL];
    expect(await audit('verify')).toMatchObject({
      exit: 2,
      err: `${join(folder, 'read.db')} is an SQLite file, but not an event store\n`,
    });
  });

  it('cannot append, by whatever way it got hold of the store', async () => {
    const journal = openJournal({ eventStore: urls.EVENT_STORE_URL, readStore: urls.READ_STORE_URL });
    await expect(journal.append('account-ann', 6, [])).rejects.toThrow(/never appends/);
    await journal.close();
  });
});
