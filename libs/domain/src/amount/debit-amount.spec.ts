import { describe, expect, it } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { Amount, AmountOverflow, debitAmount } from './index.js';

const Oracle = Decimal.clone({
  precision: 100,
  toExpNeg: -100,
  toExpPos: 100,
  rounding: Decimal.ROUND_HALF_EVEN,
});
const debit = (quantity: string, cost: string, scale: number) =>
  debitAmount(Amount.parse(quantity), Amount.parse(cost), scale).toString();

describe('debitAmount', () => {
  it.each([
    ['3', '0.5', 6, '1.5'],
    ['0.1', '0.2', 6, '0.02'],
    ['0.2', '0.2', 6, '0.04'],
    ['0', '5', 6, '0'],
    ['7', '0', 6, '0'],
    ['1', '0.0000005', 6, '0'],
    ['1', '0.0000015', 6, '0.000002'],
    ['1', '0.0000025', 6, '0.000002'],
    ['1', '0.000002500001', 6, '0.000003'],
    ['1', '0.5', 0, '0'],
    ['1', '1.5', 0, '2'],
    ['1', '2.5', 0, '2'],
    ['-1', '2.5', 0, '-2'],
    ['-1', '3.5', 0, '-4'],
    ['0.000000000001', '0.5', 12, '0'],
    ['0.000000000003', '0.5', 12, '0.000000000002'],
  ])('%s units at %s credits, scale %s, cost %s', (quantity, cost, scale, expected) => {
    expect(debit(quantity, cost, scale)).toBe(expected);
  });

  it('rounds once, half to even, exactly as decimal.js does', () => {
    const amounts = fc.oneof(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.bigInt({ min: -20n, max: 20n }).map((halves) => halves * 5n * 10n ** 11n),
      fc.bigInt({ min: -2000n, max: 2000n }).map((steps) => steps * 5n * 10n ** 5n),
    );
    fc.assert(
      fc.property(amounts, amounts, fc.integer({ min: 0, max: 12 }), (quantity, cost, scale) => {
        const [a, b] = [Amount.ofUnits(quantity), Amount.ofUnits(cost)];
        const expected = new Oracle(a.toString()).times(b.toString()).toDecimalPlaces(scale).plus(0);
        expect(debitAmount(a, b, scale).toString()).toBe(expected.toFixed());
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a product that needs more than 18 digits before the point', () => {
    expect(() => debit('999999999999999999', '2', 6)).toThrow(AmountOverflow);
    expect(() => debit('999999999999999999.9', '1', 0)).toThrow(AmountOverflow);
  });

  it.each([-1, 13, 1.5, NaN])('refuses a scale of %s', (scale) => {
    expect(() => debit('1', '1', scale)).toThrow(RangeError);
  });
});
