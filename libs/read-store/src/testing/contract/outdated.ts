import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_STATE_VERSION } from '#domain';
import type { ReadStore } from '../../port.js';
import { sampleChange } from '../samples.js';
import type { GetStage } from './fixture.js';

export function describeOutdated(getStage: GetStage): void {
  describe('accounts in the shape of another version', () => {
    /** What looks of so many accounts find, and how many looks that takes. */
    async function found(store: ReadStore, limit: number) {
      const accounts: { customerId: string; revision: number }[] = [];
      let after: string | undefined;
      let looks = 0;
      do {
        const page = await store.outdated(after, limit);
        accounts.push(...page.accounts);
        after = page.next;
        looks += 1;
      } while (after !== undefined);
      return { accounts, looks };
    }

    it('are found in order, a bounded number looked through at a time, until they are written anew', async () => {
      const { store, another, apply } = getStage();
      const customers = ['B', 'a', 'a\u0000', 'b', '\ufb01', '😀'];
      const checkpoint = await apply(...customers.map((id, revision) => sampleChange(id, revision)));
      expect(await found(store, 4)).toEqual({ accounts: [], looks: 2 });
      const later = await another({ stateVersion: ACCOUNT_STATE_VERSION + 1 });
      const all = customers.map((customerId, revision) => ({ customerId, revision }));
      expect(await found(later, 4)).toEqual({ accounts: all, looks: 2 });
      expect(await found(later, 100)).toEqual({ accounts: all, looks: 1 });
      // Written anew as they are: nothing else of the store changes, its checkpoint neither.
      const changes = [sampleChange('a', 1), sampleChange('😀', 5)];
      await later.apply({ projector: 'p', after: checkpoint, checkpoint, changes });
      expect(await later.checkpoint('p')).toBe(checkpoint);
      const left = all.filter(({ customerId }) => customerId !== 'a' && customerId !== '😀');
      expect((await found(later, 1)).accounts).toEqual(left);
      expect((await found(store, 1)).accounts.map(({ customerId }) => customerId)).toEqual(['a', '😀']);
      expect([...(await later.accounts(customers)).keys()].sort()).toEqual(['a', '😀']);
    });

    it('are none in an empty store', async () => {
      expect(await getStage().store.outdated(undefined, 10)).toEqual({ accounts: [], next: undefined });
    });
  });
}
