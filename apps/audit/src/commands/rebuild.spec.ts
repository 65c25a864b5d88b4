import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEventStore } from '#adapters';
import type { EventStore } from '#event-store';
import type { AccountChange } from '#projections';
import { projectThrough } from '#read-side';
import type { ReadStore } from '#read-store';
import { openEmbeddedReadStore } from '#read-store/embedded';
import { TestLedger } from '../../../../libs/read-side/src/testing/test-ledger.js';
import { rebuildBeside } from './rebuild.js';

describe('a rebuild beside a service that goes on', () => {
  let folder: string;
  let eventStore: EventStore;
  let readStore: ReadStore;
  let rebuilt: ReadStore;
  let ledger: TestLedger;
  let used = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'purser-rebuild-'));
    eventStore = openEventStore(`sqlite:${join(folder, 'events.db')}`);
    readStore = openEmbeddedReadStore({ path: join(folder, 'read.db') });
    rebuilt = openEmbeddedReadStore({ path: join(folder, 'rebuilt.db') });
    ledger = await new TestLedger(eventStore).withBasicPlan();
    for (const customer of ['ann', 'bob']) await ledger.subscribe(customer);
    await goOn();
  });

  afterEach(async () => {
    for (const store of [readStore, rebuilt, eventStore]) await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Ann uses something, and the projector of the service writes it. */
  async function goOn(): Promise<void> {
    await ledger.use('ann', `u${++used}`, '0.001');
    await projectThrough({ eventStore, readStore, through: 2n ** 60n });
  }

  type Asked = 'closedGrants' | 'transactions' | 'rememberedIds';

  /** The live store, going on before it answers. */
  function goingOn(before: (asked: Asked) => boolean): ReadStore {
    const maybe = (asked: Asked): Promise<void> => (before(asked) ? goOn() : Promise.resolve());
    return {
      ...readStore,
      closedGrants: async (...args) => {
        await maybe('closedGrants');
        return readStore.closedGrants(...args);
      },
      transactions: async (...args) => {
        await maybe('transactions');
        return readStore.transactions(...args);
      },
      rememberedIds: async (...args) => {
        await maybe('rememberedIds');
        return readStore.rememberedIds(...args);
      },
    };
  }

  async function compared(live: ReadStore): Promise<{ exit: number; out: string }> {
    let out = '';
    const keep = (text: string): Promise<void> => {
      out += text;
      return Promise.resolve();
    };
    const exit = await rebuildBeside(live, rebuilt, {
      journal: eventStore,
      out: keep,
      err: () => undefined,
      showProgress: false,
    });
    return { exit, out };
  }

  async function changeBob(change: Partial<AccountChange>, store = readStore): Promise<void> {
    const row = (await readStore.accounts(['bob'])).get('bob');
    if (!row) throw new Error('bob is not in the read store');
    const changes = [{ row, transactions: [], ids: [], closedGrants: [], agenda: [], ...change }];
    await store.apply({ projector: 'vandal', after: undefined, checkpoint: 1n, changes });
  }

  it('finds the same, whatever was written between two statements of it', async () => {
    const { exit, out } = await compared(goingOn((asked) => asked !== 'closedGrants'));
    expect(out).toMatch(
      /^2 accounts, \d+ events folded anew: the live read store is the same, row for row\n$/,
    );
    expect(exit).toBe(0);
  });

  it('compares how an account stands at a moment at which it stands still', async () => {
    let looks = 0;
    const live = goingOn((asked) => asked !== 'closedGrants' || ++looks < 20);
    expect(await compared(live)).toMatchObject({ exit: 0, out: expect.stringMatching(/row for row\n$/) });
    expect(looks).toBeGreaterThanOrEqual(20);
  });

  it('says of an account that never does that only its history was compared', async () => {
    const { exit, out } = await compared(goingOn((asked) => asked === 'closedGrants'));
    expect(out).toMatch(/^ann: went on all the time; only its history was compared$/m);
    expect(out).toMatch(/row for row; of \d accounts only the history was compared\n$/);
    expect(exit).toBe(0);
  });

  it('finds an account that differs beside one that goes on', async () => {
    const row = (await readStore.accounts(['bob'])).get('bob');
    if (row) await changeBob({ row: { ...row, headHash: '00'.repeat(32) } });
    const { exit, out } = await compared(goingOn((asked) => asked !== 'closedGrants'));
    expect(out).toMatch(/^bob:\n {2}live {4}account .*0000.*\n {2}rebuilt account/);
    expect(out).toMatch(/ 1 accounts differ\n$/);
    expect(exit).toBe(1);
  });

  it('finds an id of a revision that the account has not reached', async () => {
    const agenda = await readStore.agenda('bob');
    const id = { customerId: 'bob', identity: 'of nobody', fingerprint: 'ab'.repeat(32), revision: 99 };
    await changeBob({ agenda, ids: [id] });
    const { exit, out } = await compared(readStore);
    expect(out).toMatch(
      /^bob:\n {2}live {4}remembered id \["of revision 99, which the account has not reached"\]/,
    );
    expect(exit).toBe(1);
  });

  it('names an account that is kept in the shape of another version, which is no difference', async () => {
    const older = openEmbeddedReadStore({ path: join(folder, 'read.db'), stateVersion: -1 });
    await changeBob({}, older);
    await older.close();
    const { exit, out } = await compared(readStore);
    expect(out).toMatch(/^bob: kept in the shape of another version; only its history was compared\n/);
    expect(out).toMatch(/row for row; of 1 accounts only the history was compared\n$/);
    expect(exit).toBe(0);
  });
});
