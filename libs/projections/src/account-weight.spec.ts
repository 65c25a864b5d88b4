import { describe, expect, it } from '@jest/globals';
import { initialAccount, type AccountState, type Wallet } from '#domain';
import { accountWeight, ORDINARY_WEIGHT } from './account-weight.js';

describe('the weight of an account', () => {
  const account = (grants: number, holds: number): AccountState => ({
    ...initialAccount,
    wallets: { a: wallet(grants, 0), b: wallet(0, holds) },
  });
  const wallet = (grants: number, holds: number): Wallet =>
    ({ grants: new Array(grants).fill({}), holds: new Array(holds).fill({}) }) as unknown as Wallet;

  it('is the same for all with few grants and holds, and grows with them where there are many', () => {
    expect(accountWeight(initialAccount)).toBe(ORDINARY_WEIGHT);
    expect(accountWeight(account(6, 5))).toBe(ORDINARY_WEIGHT);
    expect(accountWeight(account(1_000, 234))).toBe(1_235);
  });
});
