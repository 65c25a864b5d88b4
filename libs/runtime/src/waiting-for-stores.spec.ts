import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Health, type Logger } from '#platform';
import { closeStores, openStores } from './open-stores.js';
import { waitingForStores } from './waiting-for-stores.js';

const REASONS = {
  event: 'SQLITE_CANTOPEN (unable to open database file)',
  read: 'SQLITE_CANTOPEN: unable to open database file',
};

describe('what is told while stores are waited for', () => {
  let folder: string;
  let health: Health;
  let lines: string[];
  const stop = new AbortController();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'purser-waiting-'));
    // SQLite cannot open a file whose folder is missing, and does once it is there.
    for (const name of ['event', 'read'])
      symlinkSync(join(folder, name, 'store.db'), join(folder, `${name}.db`));
    health = new Health();
    lines = [];
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const there = (name: string): string | undefined => mkdirSync(join(folder, name), { recursive: true });
  const away = (store: keyof typeof REASONS): string =>
    `${store} store ${join(folder, `${store}.db`)}: ${REASONS[store]}`;
  const parts = async (): Promise<object> => (await health.ready()).parts;

  /** Opens both stores. Calls `met` each time that one is found away. */
  async function open(met: (store: string) => Promise<void>): Promise<void> {
    const logger = {
      warn: ({ err }: { err: Error }, text: string) => lines.push(`${text}: ${err.message}`),
      info: (text: string) => lines.push(text),
    } as unknown as Logger;
    const waiting = waitingForStores({ health, logger, signal: stop.signal });
    const looks: Promise<void>[] = [];
    const stores = await openStores(
      {
        eventStoreUrl: `sqlite:${join(folder, 'event.db')}`,
        readStoreUrl: `sqlite:${join(folder, 'read.db')}`,
      },
      {
        ...waiting,
        onAway: (store, error) => {
          waiting.onAway(store, error);
          looks.push(met(store));
        },
      },
    );
    await Promise.all(looks);
    expect(await parts()).toEqual({ 'event store': 'ok', 'read store': 'ok' });
    if (stores) await closeStores(stores);
  }

  it('is that one is open while the other is away, and that the other is there once it is', async () => {
    there('event');
    await open(async () => {
      const seen = await parts();
      there('read');
      expect(seen).toEqual({ 'event store': 'ok', 'read store': away('read') });
    });
    expect(lines).toEqual([`a store is away; waiting for it: ${away('read')}`, 'the store is there']);
  });

  it('is nothing any more of a store that was away first', async () => {
    await open(async (store) => {
      const seen = await parts();
      there(store === 'event store' ? 'event' : 'read');
      expect(seen).toEqual(
        store === 'event store'
          ? { 'event store': away('event'), 'read store': 'not open yet' }
          : { 'event store': 'ok', 'read store': away('read') },
      );
    });
    expect(lines).toEqual([
      `a store is away; waiting for it: ${away('event')}`,
      'the store is there',
      `a store is away; waiting for it: ${away('read')}`,
      'the store is there',
    ]);
  });

  it('is nothing in the log where no store is away', async () => {
    there('event');
    there('read');
    await open(() => Promise.reject(new Error('no store is away')));
    expect(lines).toEqual([]);
  });
});
