import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEventStore, openReadStore } from '#adapters';
import { openDatabase } from '../../../libs/event-store/src/embedded/database.js';
import { TestLedger } from '../../../libs/read-side/src/testing/test-ledger.js';
import { audited } from './testing/audited.js';

describe('a store that is damaged', () => {
  let folder: string;
  let environment: { EVENT_STORE_URL: string; READ_STORE_URL: string };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'purser-damage-'));
    environment = {
      EVENT_STORE_URL: `sqlite:${join(folder, 'events.db')}`,
      READ_STORE_URL: `sqlite:${join(folder, 'read.db')}`,
    };
    const eventStore = openEventStore(environment.EVENT_STORE_URL);
    const ledger = await new TestLedger(eventStore).withBasicPlan();
    for (const customer of ['ann', 'bob']) {
      await ledger.subscribe(customer);
      for (const id of ['first', 'second', 'third']) await ledger.use(customer, `${customer}-${id}`, '1');
    }
    await eventStore.close();
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const audit = (...args: string[]) => audited(args, environment);

  /** Gives the event of this type that stands before some text a length that leads beyond the end of its append. */
  function damage(type: string, before: string): void {
    const path = join(folder, 'events.db');
    const file = readFileSync(path);
    // SQLite leaves copies behind of what it has moved to another page.
    for (let found = file.indexOf(before); found >= 0; found = file.indexOf(before, found + 1)) {
      const at = file.lastIndexOf(`${type}{"type"`, found);
      // Before the type stand the lengths of type, data and metadata, 4 bytes each, and the id of 16.
      if (at >= 0) file.writeUInt32LE(0xff_ff_ff, at - 28 + 4);
    }
    writeFileSync(path, file);
  }

  const damageAppendOf = (usageId: string): void => damage('CreditsDebited', `"${usageId}"`);

  const DAMAGED = /what is stored at position \d+ \(\d+ bytes\) is not an append of 1 events/;

  it('is a finding, told by its place, and everything else is examined', async () => {
    damageAppendOf('ann-second');
    const { exit, out } = await audit('verify');
    expect(exit).toBe(1);
    expect(out).toMatch(new RegExp(`^ann: revision 3: unreadable: ${DAMAGED.source}$`, 'm'));
    expect(out).toMatch(/^ann: revision 4: revision: revision 4 follows 2$/m);
    expect(out).not.toMatch(/^bob/m);
    expect(out).toMatch(/^2 accounts, 12 events: \d+ findings$/m);
  });

  it('is told by its place also where it is the first of every account', async () => {
    damage('SubscriptionStarted', '"startsAt"');
    const { exit, out } = await audit('verify');
    expect(exit).toBe(1);
    expect(out).toMatch(/^ann: revision 1: unreadable: what is stored/m);
    expect(out).toMatch(/^bob: revision 1: unreadable: what is stored/m);
    expect(out).toMatch(/^2 accounts, /m);
  });

  /** Changes the newest append of a stream by hand. */
  function alterNewestOf(stream: string, change: string): void {
    const db = openDatabase({ path: join(folder, 'events.db'), readonly: false });
    db.prepare(
      `UPDATE appends SET ${change} WHERE position =
         (SELECT max(position) FROM appends JOIN streams ON streams.id = appends.stream WHERE name = ?)`,
    ).run(stream);
    db.close();
  }

  it.each([
    ['account-ann', 'ann'],
    ['catalog', 'catalog'],
  ])('is a finding also where %s, read from its beginning, does not meet it', async (stream, whose) => {
    alterNewestOf(stream, "revision = -5, blob = x'00'");
    const { exit, out } = await audit('verify');
    expect(exit).toBe(1);
    expect(out).toMatch(
      new RegExp(
        `^${whose}: revision -5: unreadable: what is stored at position \\d+ \\(1 bytes\\) is not an append of \\d events?`,
        'm',
      ),
    );
  });

  it('is a finding where its events can be read, and stand before the beginning of their stream', async () => {
    alterNewestOf('account-ann', 'revision = -5');
    const { exit, out } = await audit('verify');
    expect(exit).toBe(1);
    expect(out).toMatch(
      /^ann: revision -5: revision: what is stored at position \d+ stands before the beginning of its stream$/m,
    );
    expect(out).toMatch(/: 1 findings$/m);
  });

  it('has no checkpoint, and is found by one that was taken before', async () => {
    damageAppendOf('ann-second');
    const { exit, out, err } = await audit('checkpoint');
    expect(exit).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(new RegExp(`^account-ann revision 3: ${DAMAGED.source}$`, 'm'));
    expect(err).toMatch(/^account-ann: revision 4: follows revision 2$/m);
    expect(err).toMatch(/^2 faults/m);
  });

  it.each([['replay'], ['balance', 'ann'], ['explain', 'test', 'ann-third']])(
    'ends %s with 1 and one line that names the place',
    async (...args) => {
      damageAppendOf('ann-second');
      const { exit, err } = await audit(...args);
      expect(exit).toBe(1);
      expect(err).toMatch(new RegExp(`^account-ann revision 3: ${DAMAGED.source}\n$`));
    },
  );

  it.each([
    ['events.db', ['verify'], 'event store'],
    ['events.db', ['replay'], 'event store'],
    ['read.db', ['rebuild'], 'read store'],
  ])('ends with 2 and one line where pages of %s are garbage', async (name, args, what) => {
    await (await openReadStore(environment.READ_STORE_URL)).close();
    const path = join(folder, name);
    const file = readFileSync(path);
    // All but the first page, which says what the file is.
    writeFileSync(path, file.fill(0xee, 8192));
    const { exit, err } = await audit(...args);
    expect(exit).toBe(2);
    expect(err).toMatch(new RegExp(`^${what} .*${name} is damaged: database disk image is malformed\n$`));
  });
});
