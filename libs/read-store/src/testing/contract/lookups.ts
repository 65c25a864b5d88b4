import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_STATE_VERSION, Amount, instant, type AccountState, type Wallet } from '#domain';
import { told } from '#projections';
import { identityDigest } from '../../identity-digest.js';
import {
  sampleChange,
  sampleGrant,
  sampleId,
  sampleRow,
  sampleState,
  sampleTransaction,
} from '../samples.js';
import type { GetStage } from './fixture.js';

/** Ids as a careless or hostile sender makes them; all different. */
const HOSTILE = [
  '',
  ' ',
  'a',
  'a\u0000',
  '\u0000',
  '\u0001',
  '\u0001\u0001',
  '\u0001\u0002',
  '\u0000\u0001',
  'ä',
  'a\u0308',
  '日本語',
  '😀',
  '\ud800',
  '\ud801',
  '\udc00',
  '\ud83d x',
  '\ufffd',
  `'; DROP TABLE ids; --`,
  '"quoted" \\ {a,b} NULL',
  'NULL',
  '__proto__',
  'constructor',
  '\r\n\t',
  'x'.repeat(100_000),
  `${'x'.repeat(99_999)}y`,
];

export function describeLookups(getStage: GetStage): void {
  describe('accounts and remembered ids', () => {
    it('finds the accounts that exist, in one call, by their ids exactly', async () => {
      const { store, apply } = getStage();
      await apply(sampleChange('c1', 4), sampleChange('C1', 5), sampleChange('zürich/日本', 6));
      const found = await store.accounts(['c1', 'nobody', 'zürich/日本', 'C1', 'c1']);
      expect([...found.keys()].sort()).toEqual(['C1', 'c1', 'zürich/日本']);
      expect(found.get('zürich/日本')).toEqual(sampleRow('zürich/日本', 6));
      expect((await store.accounts([])).size).toBe(0);
    });

    it('replaces an account by its later row', async () => {
      const { store, apply } = getStage();
      await apply(sampleChange('c1', 4));
      await apply(sampleChange('c1', 9));
      expect((await store.accounts(['c1'])).get('c1')).toEqual(sampleRow('c1', 9));
    });

    it('keeps a state through changes of its amounts and of its terms, whoever writes them', async () => {
      const { store, another } = getStage();
      const stores = [store, await another()] as const;
      const wallet = (state: AccountState, of: Partial<Wallet>): AccountState => ({
        ...state,
        wallets: mapped(state.wallets, (former) => ({ ...former, ...of })),
      });
      const spent = (state: AccountState, available: string): AccountState => ({
        ...state,
        wallets: mapped(state.wallets, (former) => ({
          ...former,
          grants: former.grants.map((grant) => ({ ...grant, available: Amount.parse(available) })),
        })),
      });
      const changes: readonly ((state: AccountState) => AccountState)[] = [
        (state) => spent(state, '50'),
        (state) => ({ ...spent(state, '40.5'), recordedThrough: instant('2026-02-01T00:00:00.000Z') }),
        (state) =>
          wallet(state, { low: true, uncovered: { blocked: Amount.zero, billable: Amount.parse('7') } }),
        (state) => wallet(state, { grants: [sampleGrant('g1'), sampleGrant('g2')] }),
        (state) => spent(state, '3'),
        (state) => wallet(state, { grants: [sampleGrant('g2')] }),
        (state) => ({ ...state, wallets: {} }),
        () => sampleState(),
        (state) => spent(state, '2'),
      ];
      let after: bigint | undefined;
      // Now the one and now the other writes: what either remembers has become untrue in between.
      let state = sampleState();
      for (const [revision, change] of [...changes, ...changes].entries()) {
        state = change(state);
        const row = sampleRow('c1', revision, { state });
        const checkpoint = BigInt(revision + 1);
        const writer = stores[revision % 4 === 3 ? 1 : 0];
        await writer.apply({
          projector: 'p',
          after,
          checkpoint,
          changes: [sampleChange('c1', revision, { row })],
        });
        after = checkpoint;
        for (const reader of stores) expect((await reader.accounts(['c1'])).get('c1')).toEqual(row);
      }
    });

    it('ignores accounts and closed grants whose state is of another version, until they are written anew', async () => {
      const { store, another, apply } = getStage();
      const closed = { customerId: 'c1', creditSystem: 'ai-tokens', grant: sampleGrant('g1') };
      await apply(
        sampleChange('c1', 4, { closedGrants: [closed], transactions: [sampleTransaction('c1', 4)] }),
      );
      const later = await another({ stateVersion: ACCOUNT_STATE_VERSION + 1 });
      expect((await later.accounts(['c1'])).size).toBe(0);
      expect(await later.closedGrants('c1')).toEqual({ rows: [], projectedThrough: -1 });
      expect(await later.customerIds(undefined, 10)).toEqual(['c1']);
      expect(await later.transaction('c1', 4)).toEqual(told(sampleTransaction('c1', 4)));
      const change = sampleChange('c1', 5, { closedGrants: [closed] });
      await later.apply({ projector: 'p', after: 10n, checkpoint: 20n, changes: [change] });
      expect((await later.accounts(['c1'])).get('c1')?.revision).toBe(5);
      expect(await later.closedGrants('c1')).toEqual({ rows: [closed], projectedThrough: 5 });
      expect((await store.closedGrants('c1')).projectedThrough).toBe(-1);
      expect((await store.accounts(['c1'])).size).toBe(0);
    });

    it('remembers ids by account, and answers in the order asked', async () => {
      const { store, apply } = getStage();
      const ids = [sampleId('c1', 'usage/a/1', 0), sampleId('c1', 'usage/a/2', 3)];
      await apply(
        sampleChange('c1', 3, { ids }),
        sampleChange('c2', 0, { ids: [sampleId('c2', 'usage/a/2', 0)] }),
      );
      const asked = [
        { customerId: 'c1', identity: 'usage/a/2' },
        { customerId: 'nobody', identity: 'usage/a/1' },
        { customerId: 'c2', identity: 'usage/a/1' },
        { customerId: 'c1', identity: 'usage/a/1' },
        { customerId: 'c2', identity: 'usage/a/2' },
        { customerId: 'c1', identity: 'usage/a/2' },
      ];
      const { rows } = await store.seen(asked);
      expect(rows.map((row) => row?.revision)).toEqual([3, undefined, undefined, 0, 0, 3]);
      expect(rows[3]?.fingerprint).toBe(sampleId('c1', 'usage/a/1').fingerprint);
      expect(await store.seen([])).toEqual({ rows: [], projectedThrough: new Map() });
    });

    it('says up to which revision of each account its answer holds', async () => {
      const { store, apply, another } = getStage();
      await apply(sampleChange('c1', 7), sampleChange('c2', 0));
      const asked = ['c1', 'nobody', 'c2', 'c1'].map((customerId) => ({ customerId, identity: 'new' }));
      const through = new Map([
        ['c1', 7],
        ['nobody', -1],
        ['c2', 0],
      ]);
      expect((await store.seen(asked)).projectedThrough).toEqual(through);
      // Ids do not depend on the version of the folded state.
      const later = await another({ stateVersion: ACCOUNT_STATE_VERSION + 1 });
      expect((await later.seen(asked)).projectedThrough).toEqual(through);
    });

    it('keeps the first revision of an id, though a batch ended between the events it caused', async () => {
      const { store, apply } = getStage();
      await apply(sampleChange('c1', 0, { ids: [sampleId('c1', 'usage/a/1', 0)] }));
      await apply(sampleChange('c1', 1, { ids: [sampleId('c1', 'usage/a/1', 1)] }));
      const { rows } = await store.seen([{ customerId: 'c1', identity: 'usage/a/1' }]);
      expect(rows[0]?.revision).toBe(0);
    });

    it('tells hostile ids apart: NUL, lone surrogates, very long, other normal forms', async () => {
      const { store, apply } = getStage();
      const ids = HOSTILE.map((identity, index) => sampleId('c1', identity, index));
      await apply(sampleChange('c1', HOSTILE.length, { ids }));
      const seen = await store.seen(HOSTILE.map((identity) => ({ customerId: 'c1', identity })));
      expect(seen.rows.map((row) => row?.revision)).toEqual(HOSTILE.map((_, index) => index));
      const others = ['b', '\u0002', '\ud802', 'x'.repeat(99_999)];
      const unseen = await store.seen(others.map((identity) => ({ customerId: 'c1', identity })));
      expect(unseen.rows).toEqual(others.map(() => undefined));
    });

    it('gives hostile texts back as they came, in customer ids and in transactions', async () => {
      const { store, apply } = getStage();
      const customers = HOSTILE.filter((text) => text.length < 100);
      const transactionOf = (customerId: string) =>
        sampleTransaction(customerId, 0, {
          usageSource: customerId,
          usageId: `${customerId}${customerId}`,
          feature: customerId,
          creditSystem: customerId,
          grantId: customerId,
          holdId: customerId,
        });
      await apply(...customers.map((id) => sampleChange(id, 0, { transactions: [transactionOf(id)] })));
      const rows = await store.accounts(customers);
      for (const customerId of customers) {
        expect(rows.get(customerId)).toEqual(sampleRow(customerId, 0));
        const filter = { customerId, creditSystem: customerId, feature: customerId };
        expect((await store.transactions(filter, 10)).rows).toEqual([told(transactionOf(customerId))]);
      }
      const [longest = ''] = HOSTILE.slice(-1);
      const long = sampleTransaction('c-long', 0, { usageId: longest });
      await apply(sampleChange('c-long', 0, { transactions: [long] }));
      expect(await store.transaction('c-long', 0)).toEqual(told(long));
    });

    it('lists customers in order of code points, page by page', async () => {
      const { store, apply } = getStage();
      await apply(...['b', '😀', 'a', '\ufb01', 'B', 'a\u0000', 'ab'].map((id) => sampleChange(id)));
      const inOrder = ['B', 'a', 'a\u0000', 'ab', 'b', '\ufb01', '😀'];
      expect(await store.customerIds(undefined, 100)).toEqual(inOrder);
      const paged: string[] = [];
      for (;;) {
        const page = await store.customerIds(paged.at(-1), 2);
        if (page.length === 0) break;
        paged.push(...page);
      }
      expect(paged).toEqual(inOrder);
    });

    it('lists the remembered ids of an account by digest, page by page', async () => {
      const { store, apply } = getStage();
      const identities = Array.from({ length: 7 }, (_, index) => `usage/a/${index}`);
      const ids = identities.map((identity, index) => sampleId('c1', identity, index));
      await apply(sampleChange('c1', 7, { ids }), sampleChange('c2', 0, { ids: [sampleId('c2', 'other')] }));
      const found = [];
      for (;;) {
        const page = await store.rememberedIds('c1', found.at(-1)?.digest, 3);
        if (page.length === 0) break;
        found.push(...page);
      }
      const expected = ids.map(({ identity, fingerprint, revision }) => ({
        digest: identityDigest(identity),
        fingerprint,
        revision,
      }));
      expect(found).toEqual(expected.sort((a, b) => (a.digest < b.digest ? -1 : 1)));
      expect(await store.rememberedIds('nobody', undefined, 3)).toEqual([]);
    });

    it('keeps closed grants beside the account, the latest closing of each', async () => {
      const { store, apply } = getStage();
      const closed = (grantId: string, consumed: string, creditSystem = 'ai-tokens') => ({
        customerId: 'c1',
        creditSystem,
        grant: sampleGrant(grantId, { consumed: Amount.parse(consumed) }),
      });
      await apply(sampleChange('c1', 1, { closedGrants: [closed('g2', '1'), closed('g1', '1')] }));
      await apply(sampleChange('c1', 2, { closedGrants: [closed('g2', '2'), closed('g3', '3', 'compute')] }));
      expect((await store.closedGrants('c1')).rows).toEqual([
        closed('g1', '1'),
        closed('g2', '2'),
        closed('g3', '3', 'compute'),
      ]);
      expect((await store.closedGrants('c1', ['g3', 'g1', 'gone', 'g1'])).rows).toEqual([
        closed('g1', '1'),
        closed('g3', '3', 'compute'),
      ]);
      expect(await store.closedGrants('c1', [])).toEqual({ rows: [], projectedThrough: 2 });
      expect(await store.closedGrants('nobody')).toEqual({ rows: [], projectedThrough: -1 });
    });

    it('lists accounts by their last change, never ending inside a batch', async () => {
      const { store, apply } = getStage();
      const first = await apply(sampleChange('a', 0), sampleChange('b', 0), sampleChange('c', 0));
      const second = await apply(sampleChange('b', 1), sampleChange('d', 0));
      const changed = (customerId: string, revision: number, checkpoint: bigint) => ({
        customerId,
        revision,
        checkpoint,
      });
      const all = [
        changed('a', 0, first),
        changed('c', 0, first),
        changed('b', 1, second),
        changed('d', 0, second),
      ];
      expect(await store.changedAccounts(0n, 100)).toEqual(all);
      expect(await store.changedAccounts(0n, 1)).toEqual(all.slice(0, 2));
      expect(await store.changedAccounts(0n, 2)).toEqual(all.slice(0, 2));
      expect(await store.changedAccounts(0n, 3)).toEqual(all);
      expect(await store.changedAccounts(first, 1)).toEqual(all.slice(2));
      expect(await store.changedAccounts(second, 10)).toEqual([]);
    });
  });
}

function mapped(
  wallets: AccountState['wallets'],
  change: (wallet: Wallet) => Wallet,
): Record<string, Wallet> {
  return Object.fromEntries(Object.entries(wallets).map(([key, wallet]) => [key, change(wallet)]));
}
