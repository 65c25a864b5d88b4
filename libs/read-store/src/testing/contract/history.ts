import { describe, expect, it } from '@jest/globals';
import { Amount, instant, instantFromMs, toMs } from '#domain';
import { told, type ToldTransaction, type TransactionRow, type TransactionType } from '#projections';
import type { ReadStore, TransactionFilter } from '../../port.js';
import { sampleChange, sampleTransaction, START } from '../samples.js';
import type { GetStage } from './fixture.js';

const MINUTE = 60_000;
const TYPES: readonly TransactionType[] = [
  'debited',
  'debited',
  'debited',
  'debited',
  'uncovered',
  'granted',
  'expired',
];
const TOUCHED = [['included'], ['promotional'], ['included', 'purchased'], []] as const;

/** A history with everything that is filtered by, some of it rare, some of it late. */
function history(customerId: string, length: number): TransactionRow[] {
  return Array.from({ length }, (_, revision) => {
    const late = revision % 10 === 3 ? 90 : 0;
    const type = TYPES[revision % TYPES.length] ?? 'debited';
    return sampleTransaction(customerId, revision, {
      type: revision === 5 ? 'purchased' : type,
      touched: TOUCHED[revision % TOUCHED.length] ?? [],
      creditSystem: revision % 3 === 0 ? 'compute' : 'ai-tokens',
      feature: type === 'debited' ? (revision === 40 ? 'rare' : `feature-${revision % 2}`) : null,
      uncovered: type === 'uncovered' ? Amount.parse('0.25') : Amount.zero,
      usageSource: type === 'debited' ? 'gateway' : null,
      usageId: type === 'debited' ? `u${revision}` : null,
      grantId: type === 'granted' ? `g${revision}` : null,
      occurredAt: minute(revision - late),
    });
  });
}

function minute(count: number) {
  return instantFromMs(toMs(START) + count * MINUTE);
}

/** The filters, said once more in the plainest way. */
function expected(rows: readonly TransactionRow[], filter: TransactionFilter): readonly ToldTransaction[] {
  return rows
    .filter((row) => filter.creditSystem === undefined || row.creditSystem === filter.creditSystem)
    .filter((row) => filter.source === undefined || row.touched.includes(filter.source))
    .filter((row) => !filter.types?.length || filter.types.includes(row.type))
    .filter((row) => filter.feature === undefined || row.feature === filter.feature)
    .filter((row) => filter.from === undefined || row.occurredAt >= filter.from)
    .filter((row) => filter.to === undefined || row.occurredAt < filter.to)
    .toSorted((a, b) => b.revision - a.revision)
    .map(told);
}

async function allPages(store: ReadStore, filter: TransactionFilter, pageSize: number) {
  const rows: ToldTransaction[] = [];
  let before: number | undefined;
  do {
    const page = await store.transactions(filter, pageSize, before);
    expect(page.rows.length).toBeLessThanOrEqual(pageSize);
    rows.push(...page.rows);
    before = page.next;
  } while (before !== undefined);
  return rows;
}

const FILTERS: Record<string, Omit<TransactionFilter, 'customerId'>> = {
  'no filter': {},
  'credit system': { creditSystem: 'compute' },
  'credits touched: included': { source: 'included' },
  'credits touched: purchased': { source: 'purchased' },
  'one type': { types: ['debited'] },
  'a type that is rare': { types: ['purchased'] },
  'several types': { types: ['expired', 'granted', 'uncovered'] },
  'an empty list of types': { types: [] },
  feature: { feature: 'feature-1' },
  'a feature that is rare': { feature: 'rare' },
  'a feature that is not there': { feature: 'nothing' },
  'from a moment on': { from: minute(55) },
  'up to a moment': { to: minute(20) },
  'between moments': { from: minute(-60), to: minute(-20) },
  'an empty span': { from: minute(30), to: minute(30) },
  'up to the first moment there is': { to: instant('0001-01-01T00:00:00.000Z') },
  'from the last moment there is': { from: instant('9999-12-31T23:59:59.999Z') },
  'everything at once': {
    creditSystem: 'ai-tokens',
    source: 'included',
    types: ['debited', 'granted'],
    feature: 'feature-0',
    from: minute(-30),
    to: minute(66),
  },
};

export function describeHistory(getStage: GetStage): void {
  describe('transactions', () => {
    it('gives every field back', async () => {
      const { store, apply } = getStage();
      const row = sampleTransaction('c1', 7, {
        occurredAt: instant('0001-01-01T00:00:00.000Z'),
        recordedAt: instant('9999-12-31T23:59:59.999Z'),
        touched: ['included', 'purchased', 'promotional'],
        feature: null,
        usageSource: null,
        usageId: null,
        grantId: 'g1',
        holdId: 'h1',
      });
      await apply(sampleChange('c1', 7, { transactions: [row] }));
      expect(await store.transaction('c1', 7)).toEqual(told(row));
      expect(await store.transactions({ customerId: 'c1' }, 10)).toEqual({
        rows: [told(row)],
        next: undefined,
      });
      expect(await store.transaction('c1', 6)).toBeUndefined();
      expect(await store.transaction('nobody', 7)).toBeUndefined();
      expect(await store.transactions({ customerId: 'nobody' }, 10)).toEqual({ rows: [], next: undefined });
    });

    it('knows no transaction beyond all revisions, and pages from there begin with the newest', async () => {
      const { store, apply } = getStage();
      await apply(sampleChange('c1', 0, { transactions: [sampleTransaction('c1', 0)] }));
      for (const beyond of [2 ** 31, 2 ** 32, 999_999_999_999_999, Number.MAX_SAFE_INTEGER]) {
        expect(await store.transaction('c1', beyond)).toBeUndefined();
        const { rows } = await store.transactions({ customerId: 'c1', types: ['debited'] }, 10, beyond);
        expect(rows.map(({ revision }) => revision)).toEqual([0]);
      }
      expect((await store.transactions({ customerId: 'c1' }, 10, 0)).rows).toEqual([]);
    });

    it.each(Object.entries(FILTERS))('pages newest first, filtered by %s', async (_, filter) => {
      const { store, apply } = getStage();
      const rows = history('c1', 80);
      await apply(
        sampleChange('c1', 79, { transactions: rows }),
        sampleChange('c2', 79, { transactions: history('c2', 80) }),
      );
      const wanted = expected(rows, { customerId: 'c1', ...filter });
      for (const pageSize of [1, 7, 80, 1000]) {
        expect(await allPages(store, { customerId: 'c1', ...filter }, pageSize)).toEqual(wanted);
      }
    });

    it('filters a long history with late usage by time, as exactly as a short one', async () => {
      const { store, apply } = getStage();
      const rows = history('c1', 5000);
      for (let at = 0; at < rows.length; at += 1250) {
        await apply(sampleChange('c1', at + 1249, { transactions: rows.slice(at, at + 1250) }));
      }
      // Batches that reach further back, further on, and neither, in a stretch of revisions that has been seen.
      for (const happened of [10, 5010, 3000]) {
        const revision = rows.length;
        const late = sampleTransaction('c1', revision, { occurredAt: minute(happened) });
        await apply(sampleChange('c1', revision, { transactions: [late] }));
        rows.push(late);
      }
      const filters: Omit<TransactionFilter, 'customerId'>[] = [
        { from: minute(1000), to: minute(1100) },
        { to: minute(40) },
        { from: minute(4990) },
        { from: minute(5005) },
        { from: minute(2000), to: minute(3100), types: ['expired'] },
      ];
      for (const filter of filters) {
        const wanted = expected(rows, { customerId: 'c1', ...filter });
        expect(wanted.length).toBeGreaterThan(0);
        expect(await allPages(store, { customerId: 'c1', ...filter }, 100)).toEqual(wanted);
      }
    });

    it('says that there is no next page when the page ends with the last row', async () => {
      const { store, apply } = getStage();
      await apply(
        sampleChange('c1', 2, { transactions: [0, 1, 2].map((at) => sampleTransaction('c1', at)) }),
      );
      const first = await store.transactions({ customerId: 'c1' }, 2);
      expect(first.next).toBe(1);
      const last = await store.transactions({ customerId: 'c1' }, 2, first.next);
      expect(last.rows.map(({ revision }) => revision)).toEqual([0]);
      expect(last.next).toBeUndefined();
      expect((await store.transactions({ customerId: 'c1' }, 3)).next).toBeUndefined();
    });

    it('goes on where a page ended, whatever is added meanwhile', async () => {
      const { store, apply } = getStage();
      const row = (revision: number) => sampleTransaction('c1', revision);
      await apply(sampleChange('c1', 3, { transactions: [0, 1, 2, 3].map(row) }));
      const first = await store.transactions({ customerId: 'c1' }, 2);
      await apply(sampleChange('c1', 5, { transactions: [4, 5].map(row) }));
      const second = await store.transactions({ customerId: 'c1' }, 2, first.next);
      expect([...first.rows, ...second.rows].map(({ revision }) => revision)).toEqual([3, 2, 1, 0]);
    });

    it('knows the kinds of transactions that another process wrote', async () => {
      const { store, apply, another } = getStage();
      const other = await another();
      await apply(sampleChange('c1', 0, { transactions: [sampleTransaction('c1', 0)] }));
      expect(
        (await other.transactions({ customerId: 'c1', feature: 'image-generation' }, 5)).rows,
      ).toHaveLength(1);
      const later = sampleTransaction('c1', 1, { feature: 'new', type: 'captured' });
      await apply(sampleChange('c1', 1, { transactions: [later] }));
      expect((await other.transactions({ customerId: 'c1', feature: 'new' }, 5)).rows).toEqual([told(later)]);
      const others = { projector: 'q', after: undefined, checkpoint: 1n };
      const third = sampleTransaction('c1', 2, { feature: 'newest' });
      await other.apply({ ...others, changes: [sampleChange('c1', 2, { transactions: [third] })] });
      expect((await store.transactions({ customerId: 'c1', types: ['debited'] }, 1)).rows).toEqual([
        told(third),
      ]);
    });
  });
}
