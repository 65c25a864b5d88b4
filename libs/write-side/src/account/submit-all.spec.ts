import { describe, expect, it } from '@jest/globals';
import { accountStream } from '#journal';
import { EventStoreUnavailable } from '#event-store';
import type { AccountCommand } from '#domain';
import { ledgerFixture, subscribe, usageOf } from '../testing/fixture.js';
import { submitAll, type Submitter } from './submit-all.js';

interface Asked {
  readonly customerId: string;
  readonly size: number;
  readonly commands: readonly AccountCommand[];
}

/** A process with three customers, whose store takes nothing of `without` any more; each is asked to debit twice. */
async function asking(without?: string) {
  const fixture = await ledgerFixture();
  const customers = ['cust_1', 'cust_2', 'cust_3'];
  for (const customerId of customers) await subscribe(fixture.process(), customerId);
  const { ledger } = fixture.process({
    eventStore: {
      ...fixture.eventStore,
      append: (stream, revision, events) =>
        without !== undefined && stream === accountStream(without)
          ? Promise.reject(new EventStoreUnavailable('away'))
          : fixture.eventStore.append(stream, revision, events),
    },
  });
  const now = fixture.clock.now();
  const commands = [usageOf('u1', '1', now), usageOf('u2', '2', now)];
  const asked = customers.map((customerId): Asked => ({ customerId, size: commands.length, commands }));
  return { ledger, asked };
}

/** Notes what it is told, and does so much more. */
function noting(more: Partial<Submitter<Asked>> = {}) {
  const told: string[] = [];
  const submitter: Submitter<Asked> = {
    commands: ({ commands }) => commands,
    executed: (account, outcomes) => {
      told.push(`${account.customerId} ${outcomes.map(({ kind }) => kind).join(' ')}`);
      return more.executed?.(account, outcomes);
    },
    failed: (account, error) => {
      told.push(`${account.customerId} ${String(error)}`);
      more.failed?.(account, error);
    },
  };
  return { told, submitter };
}

describe('commands of many accounts', () => {
  it('are all told of before whoever submitted them goes on', async () => {
    const { ledger, asked } = await asking();
    const { told, submitter } = noting();
    await submitAll(ledger, asked, submitter);
    expect(told).toEqual(asked.map(({ customerId }) => `${customerId} applied applied`));
  });

  it('may be none', async () => {
    const { ledger } = await asking();
    await expect(submitAll(ledger, [], noting().submitter)).resolves.toBeUndefined();
  });

  it('fail account by account', async () => {
    const { ledger, asked } = await asking('cust_2');
    const { told, submitter } = noting();
    await submitAll(ledger, asked, submitter);
    expect(told.sort()).toEqual([
      'cust_1 applied applied',
      'cust_2 EventStoreUnavailable: away',
      'cust_3 applied applied',
    ]);
  });

  it('fail for everybody when the submitter says so', async () => {
    const { ledger, asked } = await asking('cust_2');
    const { submitter } = noting({
      failed: (_, error) => {
        throw error;
      },
    });
    await expect(submitAll(ledger, asked, submitter)).rejects.toThrow(EventStoreUnavailable);
  });

  it('fail when the queue is full, and when nobody waits for them any more', async () => {
    const { asked } = await asking();
    const fixture = await ledgerFixture();
    const { ledger } = fixture.process({ queueLimits: { account: 2, total: 4 } });
    const { told, submitter } = noting();
    await submitAll(ledger, asked, submitter, AbortSignal.abort('gone'));
    expect(told).toEqual([
      'cust_3 LedgerQueueFull: 4 commands are waiting already',
      'cust_1 gone',
      'cust_2 gone',
    ]);
  });

  it('are told of as failed by a submitter that stumbles over what they came to, at once or later', async () => {
    const { ledger, asked } = await asking();
    const { told, submitter } = noting({
      executed: ({ customerId }) => {
        if (customerId === 'cust_1') throw new Error('at once');
        return customerId === 'cust_2' ? Promise.reject(new Error('later')) : undefined;
      },
    });
    await submitAll(ledger, asked, submitter);
    expect(told).toHaveLength(5);
    expect(told).toEqual(expect.arrayContaining(['cust_1 Error: at once', 'cust_2 Error: later']));
  });

  it('are waited for until the submitter has found out everything', async () => {
    const { ledger, asked } = await asking();
    let foundOut = 0;
    const { submitter } = noting({
      executed: async () => {
        await Promise.resolve();
        foundOut += 1;
      },
    });
    await submitAll(ledger, asked, submitter);
    expect(foundOut).toBe(3);
  });

  it('let a single command go first, for an account of its own or for one of theirs', async () => {
    const fixture = await ledgerFixture();
    await subscribe(fixture.process(), 'cust_1');
    const { ledger } = fixture.process();
    const now = fixture.clock.now();
    const flood = Array.from({ length: 3_000 }, (_, n): Asked => {
      const commands = [usageOf('u1', '1', now)];
      return { customerId: n === 2_900 ? 'cust_2' : `unknown_${n}`, size: 1, commands };
    });
    const { told, submitter } = noting();
    const all = submitAll(ledger, flood, submitter);
    const [own, theirs] = await Promise.all([
      ledger.execute('cust_1', usageOf('u2', '1', now)),
      ledger.execute('cust_2', usageOf('u2', '1', now)),
    ]);
    expect([own.kind, theirs.kind]).toEqual(['applied', 'rejected']);
    expect(told.some((each) => each.startsWith('cust_2 '))).toBe(true);
    expect(told.length).toBeLessThan(2_000);
    await all;
    expect(told).toHaveLength(3_000);
  });
});
