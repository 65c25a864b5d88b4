import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { groupKey, sourceMask, sourcesOf, type TransactionGroup } from './transaction-group.js';

const text = fc.string({ unit: fc.constantFrom('a', ' ', '1', '2'), maxLength: 4 });
const group: fc.Arbitrary<TransactionGroup> = fc.record({
  creditSystem: text,
  type: fc.constantFrom('debited' as const, 'held' as const),
  touched: fc.integer({ min: 0, max: 7 }).map(sourcesOf),
  feature: fc.option(text, { nil: null }),
});

describe('transaction groups', () => {
  it('have the same key exactly when they are the same', () => {
    fc.assert(
      fc.property(group, group, (a, b) => {
        expect(groupKey(a) === groupKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 5000 },
    );
  });

  it('store the kinds of credits as bits and give them back in order', () => {
    for (let mask = 0; mask < 8; mask++) expect(sourceMask(sourcesOf(mask))).toBe(mask);
    expect(sourcesOf(7)).toEqual(['included', 'purchased', 'promotional']);
    expect(() => sourcesOf(8)).toThrow(RangeError);
  });
});
