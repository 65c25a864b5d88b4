import { describe, expect, it } from '@jest/globals';
import { sampleChange, sampleGrant, sampleRow, sampleState } from '../testing/samples.js';
import { batchWriter } from './apply-batch.js';
import type { Database, Parameter, Queries, Statement } from './database.js';
import { transactionGroups } from './transaction-groups.js';

/** PostgreSQL as far as a batch sees it: these customers have accounts. */
class Server {
  readonly sent: { readonly name: string; readonly values: readonly Parameter[] }[] = [];

  constructor(private readonly customers: readonly string[]) {}

  database(): Database {
    const queries: Queries = {
      query: <Row>({ name }: Statement, values: readonly Parameter[]) => {
        this.sent.push({ name, values });
        return Promise.resolve(this.#answer(name) as Row[]);
      },
      execute: ({ name }, values) => {
        this.sent.push({ name, values });
        return Promise.resolve(0);
      },
    };
    const never = () => Promise.reject(new Error('not asked for here'));
    return { ...queries, transaction: (work) => work(queries), session: never, close: never };
  }

  #answer(name: string): unknown[] {
    if (name.endsWith('checkpoint')) return [{ dictionary: 1 }];
    if (name !== 'find-accounts') return [];
    return this.customers.map((customer_id, index) => ({ account_id: index + 1, customer_id, agenda: '' }));
  }

  lengths(name: string): readonly number[] {
    return this.sent
      .filter((statement) => statement.name === name)
      .map(({ values }) => Math.max(...values.map((value) => String(value).length)));
  }
}

describe('a batch of the projector in PostgreSQL', () => {
  const reason = 'x'.repeat(10_000_000);
  const grant = sampleGrant('g', { origin: { kind: 'promotion', reason, actor: 'support' } });
  const customers = (kind: string) => Array.from({ length: 4 }, (_, index) => `${kind}${index}`);

  it('sends long accounts and grants by and by: no text of them all could be too long', async () => {
    const server = new Server(customers('old'));
    const db = server.database();
    const changes = [...customers('old'), ...customers('new')].map((customerId) =>
      sampleChange(customerId, 0, {
        row: sampleRow(customerId, 0, { state: sampleState([grant]) }),
        closedGrants: [{ customerId, creditSystem: 'ai-tokens', grant }],
      }),
    );
    const apply = batchWriter(db, transactionGroups(db, 's'), 's', 1);
    await apply({ projector: 'p', after: undefined, checkpoint: 1n, changes });
    for (const name of ['update-accounts', 'insert-accounts', 'insert-closed-grants']) {
      const lengths = server.lengths(name);
      expect(lengths).toHaveLength(2);
      expect(Math.max(...lengths)).toBeLessThan(30_000_000);
    }
  });

  it('sends accounts of an ordinary length in one statement', async () => {
    const server = new Server([]);
    const db = server.database();
    const changes = Array.from({ length: 1_000 }, (_, index) => sampleChange(`c${index}`));
    const apply = batchWriter(db, transactionGroups(db, 's'), 's', 1);
    await apply({ projector: 'p', after: undefined, checkpoint: 1n, changes });
    expect(server.lengths('insert-accounts')).toHaveLength(1);
    expect(server.lengths('update-accounts')).toHaveLength(0);
  });
});
