import { describe, expect, it } from '@jest/globals';
import type { rpc } from '#contracts';
import { Refused } from '#platform';
import { cancelSubscription, changeSubscription } from './commands.js';
import { usageMode } from './usage-request.js';

/** What the loader delivers for a value that the contract does not know: its number. */
const unknown = 99 as unknown;

const keyed = { customerId: 'a', idempotencyKey: 'k', subscriptionId: 's', actor: '' };

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof Refused) return (error.rejection.faults ?? []).map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('a value of an enum that this version does not know', () => {
  it('is refused by the name of its field, never taken for a default', () => {
    expect(faultsOf(() => usageMode(unknown as rpc.UsageMode))).toEqual(['mode']);
    expect(
      faultsOf(() =>
        cancelSubscription({ ...keyed, when: unknown as rpc.CancelSubscriptionRequest['when'] }),
      ),
    ).toEqual(['when']);
    const change = {
      ...keyed,
      planId: 'pro',
      planVersion: undefined,
      when: unknown as rpc.ChangeSubscriptionRequest['when'],
    };
    expect(faultsOf(() => changeSubscription(change))).toEqual(['when']);
  });

  it('is not found in those it knows', () => {
    expect(usageMode('SYNCHRONOUS')).toBe('synchronous');
    expect(faultsOf(() => cancelSubscription({ ...keyed, when: 'PERIOD_END' }))).toEqual([]);
  });
});
