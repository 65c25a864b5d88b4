import { describe, expect, it } from '@jest/globals';
import { Amount } from '#domain';
import { told, type AccountChange } from '#projections';
import { CheckpointMoved, ReadStoreUnavailable, type ReadStore } from '../../port.js';
import { dumpedReadStore } from '../dump.js';
import {
  balance,
  expiryAt,
  sampleChange,
  sampleGrant,
  sampleId,
  sampleRow,
  sampleState,
  sampleTransaction,
  settleAt,
} from '../samples.js';
import type { GetStage } from './fixture.js';

export function describeBatches(getStage: GetStage): void {
  describe('batches and their checkpoint', () => {
    it('knows no checkpoint before the first batch', async () => {
      expect(await getStage().store.checkpoint('p')).toBeUndefined();
    });

    it('keeps a checkpoint per projector, also beyond what a JavaScript number holds', async () => {
      const { store } = getStage();
      const far = 2n ** 62n + 1n;
      await store.apply({ projector: 'p', after: undefined, checkpoint: far, changes: [] });
      await store.apply({ projector: 'q', after: undefined, checkpoint: 0n, changes: [] });
      await store.apply({ projector: 'q', after: 0n, checkpoint: 7n, changes: [] });
      expect([await store.checkpoint('p'), await store.checkpoint('q')]).toEqual([far, 7n]);
    });

    it('writes rows and checkpoint together, visible to every store on the same data', async () => {
      const { apply, another } = getStage();
      const row = sampleRow('c1', 3);
      const checkpoint = await apply(
        sampleChange('c1', 3, { row, transactions: [sampleTransaction('c1', 3)] }),
      );
      const other = await another();
      expect(await other.checkpoint('p')).toBe(checkpoint);
      expect((await other.accounts(['c1'])).get('c1')).toEqual(row);
      expect(await other.transaction('c1', 3)).toEqual(told(sampleTransaction('c1', 3)));
    });

    it('writes nothing of a batch of which one row fails', async () => {
      const { store, apply } = getStage();
      await apply(full('c1', 0));
      const before = await dumpedReadStore(store);
      const again = full('c1', 1, { transactions: [sampleTransaction('c1', 1), sampleTransaction('c1', 0)] });
      await expect(apply(full('c0', 0), again, full('c2', 0))).rejects.toThrow();
      expect(await dumpedReadStore(store)).toEqual(before);
      expect(await store.checkpoint('p')).toBe(10n);
      await apply(full('c2', 0));
      expect(await store.customerIds(undefined, 10)).toEqual(['c1', 'c2']);
    });

    it('writes a batch as if another, with kinds of transactions never seen before, had not failed first', async () => {
      const { store, apply } = getStage();
      await apply(full('c1', 0));
      const unheardOf = sampleTransaction('c2', 0, { feature: 'unheard of' });
      const again = sampleChange('c1', 1, { transactions: [sampleTransaction('c1', 1)] });
      await expect(apply(sampleChange('c2', 0, { transactions: [unheardOf] }), again)).rejects.toThrow();
      await apply(sampleChange('c3', 0, { transactions: [sampleTransaction('c3', 0, { feature: 'new' })] }));
      await apply(sampleChange('c2', 0, { transactions: [unheardOf] }));
      expect((await store.transactions({ customerId: 'c2' }, 10)).rows).toEqual([told(unheardOf)]);
    });

    it.each([undefined, 5n])(
      'refuses a projector that believes the checkpoint at %s, not at 10',
      async (after) => {
        const { store, apply } = getStage();
        await apply(full('c1', 0));
        const before = await dumpedReadStore(store);
        const batch = { projector: 'p', after, checkpoint: 20n, changes: [full('c2', 0)] };
        await expect(store.apply(batch)).rejects.toMatchObject({
          name: 'CheckpointMoved',
          projector: 'p',
          expected: after,
          actual: 10n,
        });
        await expect(store.apply(batch)).rejects.toBeInstanceOf(CheckpointMoved);
        expect(await dumpedReadStore(store)).toEqual(before);
      },
    );

    it('refuses a checkpoint where there is none', async () => {
      const { store } = getStage();
      const batch = { projector: 'p', after: 10n, checkpoint: 20n, changes: [] };
      await expect(store.apply(batch)).rejects.toMatchObject({ expected: 10n, actual: undefined });
    });

    it('lets one of two projectors that apply the same batch at once win', async () => {
      const { store, another } = getStage();
      const other = await another();
      for (let round = 0; round < 5; round++) {
        const after = round === 0 ? undefined : BigInt(round);
        const changes = [sampleChange('c1', round, { transactions: [sampleTransaction('c1', round)] })];
        const batch = { projector: 'p', after, checkpoint: BigInt(round + 1), changes };
        const outcomes = await Promise.allSettled([store.apply(batch), other.apply(batch)]);
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        const [lost] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome] : []));
        expect(lost?.reason).toBeInstanceOf(CheckpointMoved);
      }
      const page = await store.transactions({ customerId: 'c1' }, 10);
      expect(page.rows.map(({ revision }) => revision)).toEqual([4, 3, 2, 1, 0]);
    });

    it('tells a projector that crashed after its commit that the batch is in', async () => {
      const { store, apply, another } = getStage();
      await apply(full('c1', 0));
      const restarted = await another();
      expect(await restarted.checkpoint('p')).toBe(10n);
      const again = { projector: 'p', after: undefined, checkpoint: 10n, changes: [full('c1', 0)] };
      await expect(restarted.apply(again)).rejects.toBeInstanceOf(CheckpointMoved);
      expect((await store.transactions({ customerId: 'c1' }, 10)).rows).toHaveLength(2);
    });

    it('shows readers whole batches only, while batches are applied', async () => {
      const { apply, another } = getStage();
      const customers = Array.from({ length: 20 }, (_, index) => `c${index}`);
      const reader = await another();
      await apply(...customers.map((customer) => sampleChange(customer, 0)));
      const writer = new AbortController();
      const torn: number[][] = [];
      let reads = 0;
      const reading = (async () => {
        while (!writer.signal.aborted || reads === 0) {
          const rows = await reader.accounts(customers);
          const revisions = [...new Set([...rows.values()].map(({ revision }) => revision))];
          if (rows.size !== customers.length || revisions.length !== 1) torn.push(revisions);
          reads++;
          // Gives way to the writer where the store answers at once.
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      for (let revision = 1; revision <= 30; revision++) {
        await apply(...customers.map((customer) => sampleChange(customer, revision)));
      }
      writer.abort();
      await reading;
      expect(torn).toEqual([]);
      expect(reads).toBeGreaterThan(0);
    });

    it('holds ten thousand accounts and finds each', async () => {
      const { store, apply } = getStage();
      const customers = Array.from(
        { length: 10_000 },
        (_, index) => `customer-${String(index).padStart(5, '0')}`,
      );
      for (let at = 0; at < customers.length; at += 2500) {
        const batch = customers.slice(at, at + 2500);
        await apply(...batch.map((id) => sampleChange(id, 0, { transactions: [sampleTransaction(id, 0)] })));
      }
      expect((await store.accounts(customers)).size).toBe(10_000);
      expect(await store.customerIds('customer-09998', 10)).toEqual(['customer-09999']);
      expect(await store.transaction('customer-07777', 0)).toEqual(
        told(sampleTransaction('customer-07777', 0)),
      );
    }, 60_000);

    it('keeps amounts exactly, up to 18 digits before the point and 12 after', async () => {
      const { store, apply } = getStage();
      const most = '999999999999999999.999999999999';
      const transaction = sampleTransaction('c1', 0, {
        change: balance({ included: most, purchased: `-${most}`, promotional: '0.000000000001', held: 0 }),
        balance: balance({ included: '-0.000000000001', purchased: '100000000000000000', held: '0.1' }),
        uncovered: Amount.parse(`-${most}`),
      });
      const grant = sampleGrant('g1', {
        granted: Amount.parse(most),
        available: Amount.parse('0.000000000001'),
      });
      const row = sampleRow('c1', 0, { state: sampleState([grant]) });
      await apply(sampleChange('c1', 0, { row, transactions: [transaction] }));
      expect(await store.transaction('c1', 0)).toEqual(told(transaction));
      expect((await store.accounts(['c1'])).get('c1')).toEqual(row);
    });

    it('equals, row for row, a store that got the same changes in other batches', async () => {
      const { store, apply, another } = getStage();
      const changes = (revision: number) => ['a', 'ä', '😀'].map((customer) => full(customer, revision));
      for (let revision = 0; revision < 4; revision++) await apply(...changes(revision));
      const live = await dumpedReadStore(store);
      // Change by change, as another projector that follows the same customers under other names.
      const rebuilt = await another();
      let after: bigint | undefined;
      for (let revision = 0; revision < 4; revision++) {
        for (const customer of ['a', 'ä', '😀']) {
          const checkpoint = (after ?? 0n) + 1n;
          const change = full(customer, revision, {}, `${customer} rebuilt`);
          await rebuilt.apply({ projector: 'rebuild', after, checkpoint, changes: [change] });
          after = checkpoint;
        }
      }
      const both = await dumpedReadStore(store);
      const renamed = both
        .filter((line) => line.includes(' rebuilt'))
        .map((line) => line.replaceAll(' rebuilt', ''));
      expect(renamed).toEqual(live);
      expect(live).toHaveLength(3 * (1 + 8 + 4 + 4 + 2));
    });

    it('answers a ping, and says that it is away once closed', async () => {
      const { another } = getStage();
      const store = await another();
      await expect(store.ping()).resolves.toBeUndefined();
      await store.close();
      await store.close();
      const calls: ((closed: ReadStore) => Promise<unknown>)[] = [
        (closed) => closed.ping(),
        (closed) => closed.accounts(['c1']),
        (closed) => closed.apply({ projector: 'p', after: undefined, checkpoint: 1n, changes: [] }),
        (closed) => closed.seen([{ customerId: 'c1', identity: 'x' }]),
      ];
      for (const call of calls) await expect(call(store)).rejects.toBeInstanceOf(ReadStoreUnavailable);
    });
  });
}

/** A change with something in every table: two transactions, an id, a closed grant, an agenda of two. */
function full(
  customer: string,
  step: number,
  over: Partial<AccountChange> = {},
  customerId: string = customer,
): AccountChange {
  return {
    row: sampleRow(customerId, 2 * step + 1, { headHash: `${customer} ${step}` }),
    transactions: [sampleTransaction(customerId, 2 * step), sampleTransaction(customerId, 2 * step + 1)],
    ids: [sampleId(customerId, `usage ${step}`, 2 * step)],
    closedGrants: [{ customerId, creditSystem: 'ai-tokens', grant: sampleGrant(`g${step}`) }],
    agenda: [
      settleAt(customerId, `2026-02-0${step + 1}T00:00:00.000Z`),
      expiryAt(customerId, 'ai-tokens', '2026-03-01T00:00:00.000Z'),
    ],
    ...over,
  };
}
