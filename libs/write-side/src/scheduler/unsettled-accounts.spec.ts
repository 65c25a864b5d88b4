import { describe, expect, it } from '@jest/globals';
import { UnsettledAccounts } from './unsettled-accounts.js';

function failing(...failures: readonly (readonly [customerId: string, reason: string])[]): UnsettledAccounts {
  const accounts = new UnsettledAccounts();
  for (const [customerId, reason] of failures) accounts.failed(customerId, new Error(reason));
  return accounts;
}

describe('accounts that do not settle', () => {
  it('are told with the error itself where all have the same, and a few of them are named', () => {
    const accounts = failing(...['a', 'b', 'c', 'd', 'e', 'f'].map((each) => [each, 'away'] as const));
    const { error, details } = accounts.told();
    expect(error).toEqual(new Error('away'));
    expect(details).toEqual({ customerIds: ['a', 'b', 'c', 'd', 'e'], accounts: 6 });
  });

  it('are told with every reason, and one of each is named first', () => {
    const away = ['a', 'b', 'c', 'd', 'e'].map((each) => [each, 'away'] as const);
    const { error, details } = failing(...away, ['f', 'full'], ['g', 'broken']).told();
    expect(String(error)).toBe('AggregateError: Error: away; Error: full; Error: broken');
    expect(details).toEqual({ customerIds: ['a', 'f', 'g', 'b', 'c'], accounts: 7 });
  });

  it('are told in the same words when they fail again, whichever fails first', () => {
    const accounts = failing(['a', 'away'], ['b', 'full']);
    const before = String(accounts.told().error);
    accounts.failed('b', new Error('full'));
    accounts.failed('a', new Error('away'));
    accounts.failed('c', new Error('full'));
    expect(String(accounts.told().error)).toBe(before);
  });

  it('are forgotten when they have settled, or nothing is due of them', () => {
    const accounts = failing(['a', 'away'], ['b', 'away'], ['c', 'away']);
    accounts.settled('a');
    expect(accounts.told().details).toEqual({ customerIds: ['b', 'c'], accounts: 2 });
    accounts.keepOnly(new Set(['a', 'c']));
    expect(accounts.told().details).toEqual({ customerIds: ['c'], accounts: 1 });
    accounts.keepOnly(new Set());
    expect(accounts.size).toBe(0);
  });

  it('are remembered and told within bounds, however many they are and however many reasons they have', () => {
    const accounts = failing(
      ...Array.from({ length: 20_000 }, (_, n) => [`c${n}`, `no answer to ${n}`] as const),
    );
    expect(accounts.size).toBe(10_000);
    const { error, details } = accounts.told();
    expect(error).toMatchObject({ errors: { length: 5 } });
    expect(details.customerIds).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
  });
});
