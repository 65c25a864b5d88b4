import { describe, expect, it } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { Amount, AmountOverflow, InvalidAmount } from './index.js';

const LARGEST = '999999999999999999.999999999999';
const Oracle = Decimal.clone({ precision: 100, toExpNeg: -100, toExpPos: 100 });

const ofUnits = (count: bigint) => Amount.ofUnits(count);

/** Any amount, by its count of 10⁻¹². */
const units = fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n });
const amounts = fc
  .oneof(units, fc.bigInt({ min: -10_000_000_000_000n, max: 10_000_000_000_000n }))
  .map(ofUnits);
/** Few enough digits that sums never overflow. */
const small = fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n }).map(ofUnits);

/** Any text of the accepted grammar: leading and trailing zeros too. */
const decimalTexts = fc
  .tuple(fc.boolean(), fc.stringMatching(/^\d{1,18}$/), fc.option(fc.stringMatching(/^\d{1,12}$/)))
  .map(([minus, whole, fraction]) => `${minus ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`);

describe('Amount.parse', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['007', '7'],
    ['1.50', '1.5'],
    ['-1.000', '-1'],
    ['0.000000000001', '0.000000000001'],
    ['-0.000000000001', '-0.000000000001'],
    ['123456789012345', '123456789012345'],
    ['1234567890123456.789', '1234567890123456.789'],
    [LARGEST, LARGEST],
    [`-${LARGEST}`, `-${LARGEST}`],
    ['000000000000000001', '1'],
  ])('reads %s as %s', (text, canonical) => {
    expect(Amount.isValid(text)).toBe(true);
    expect(Amount.parse(text).toString()).toBe(canonical);
  });

  it.each([
    '',
    '-',
    '.',
    '.5',
    '5.',
    '+1',
    '--1',
    '1e3',
    '1E-7',
    'NaN',
    'Infinity',
    ' 1',
    '1 ',
    '1\n',
    '1,5',
    '1_000',
    '0x10',
    '1.2.3',
    '1-',
    '１',
    '1000000000000000000',
    '0.0000000000001',
    '0000000000000000001',
    '1.0000000000000',
    'constructor',
  ])('refuses %j and names it', (text) => {
    expect(Amount.isValid(text)).toBe(false);
    expect(() => Amount.parse(text)).toThrow(InvalidAmount);
    expect(() => Amount.parse(text)).toThrow(JSON.stringify(text));
  });

  it('refuses a text of a megabyte without repeating it in the message', () => {
    const error = catchError(() => Amount.parse('9'.repeat(1_000_000)));
    expect(error).toBeInstanceOf(InvalidAmount);
    expect(error.message.length).toBeLessThan(250);
    expect(error.message).toContain('1000000 characters');
  });

  it('reads every text of the grammar as decimal.js does', () => {
    fc.assert(
      fc.property(decimalTexts, (text) => {
        const amount = Amount.parse(text);
        expect(new Oracle(amount.toString()).equals(new Oracle(text))).toBe(true);
        expect(amount.toString()).toBe(new Oracle(text).plus(0).toFixed().replace(/^-0$/, '0'));
      }),
    );
  });

  it('accepts no text outside the grammar', () => {
    const grammar = /^-?\d{1,18}(\.\d{1,12})?$/;
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[-+.eE\d]{0,24}$/), fc.double().map(String));
    fc.assert(
      fc.property(texts, (text) => Amount.isValid(text) === grammar.test(text)),
      { numRuns: 1000 },
    );
  });
});

describe('Amount.toString', () => {
  it('is canonical: one text for one amount, which reads back to the same', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const text = amount.toString();
        expect(text).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
        expect(text).not.toBe('-0');
        expect(Amount.parse(text).equals(amount)).toBe(true);
      }),
    );
  });

  it('is what JSON gets', () => {
    expect(JSON.stringify({ credits: Amount.parse('0.0000001') })).toBe('{"credits":"0.0000001"}');
  });
});

describe('arithmetic', () => {
  it('adds 0.1 and 0.2 to exactly 0.3', () => {
    expect(Amount.parse('0.1').plus(Amount.parse('0.2')).toString()).toBe('0.3');
  });

  it('compares equal what is equal, however it was written', () => {
    const [half, same] = [Amount.parse('0.5'), Amount.parse('00.50')];
    expect(half.compare(same)).toBe(0);
    expect([half.equals(same), half.lessThan(same), half.greaterThan(same)]).toEqual([true, false, false]);
  });

  it('agrees with decimal.js on plus, minus, negated and compare', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [x, y] = [new Oracle(a.toString()), new Oracle(b.toString())];
        expect(a.plus(b).toString()).toBe(x.plus(y).toFixed());
        expect(a.minus(b).toString()).toBe(x.minus(y).toFixed());
        expect(a.negated().toString()).toBe(x.negated().plus(0).toFixed());
        expect(a.compare(b)).toBe(x.comparedTo(y));
        expect(a.equals(b)).toBe(x.equals(y));
        expect(a.lessThan(b)).toBe(x.lessThan(y));
        expect(a.greaterThan(b)).toBe(x.greaterThan(y));
        expect([a.isZero, a.isPositive, a.isNegative]).toEqual([x.isZero(), x.greaterThan(0), x.lessThan(0)]);
      }),
    );
  });

  it('sums a list exactly and finds its least and most', () => {
    fc.assert(
      fc.property(small, fc.array(small, { maxLength: 20 }), (first, rest) => {
        const list = [first, ...rest];
        const total = list.reduce((sum, amount) => sum + amount.units, 0n);
        expect(Amount.sum(list).units).toBe(total);
        const sorted = list.toSorted((a, b) => a.compare(b));
        expect(Amount.min(first, ...rest).units).toBe(sorted[0]?.units);
        expect(Amount.max(first, ...rest).units).toBe(sorted.at(-1)?.units);
      }),
    );
  });

  it('leaves an amount as it is where zero is added or taken away', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(amount.plus(Amount.zero)).toBe(amount);
        expect(Amount.zero.plus(amount)).toBe(amount);
        expect(amount.minus(Amount.zero)).toBe(amount);
        expect(amount.minus(amount)).toBe(Amount.zero);
        expect(Amount.zero.minus(amount).units).toBe(-amount.units);
      }),
    );
  });

  it('sums nothing to zero', () => {
    expect(Amount.sum([])).toBe(Amount.zero);
  });

  it('never loses its sign or its order', () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        expect(a.negated().negated().equals(a)).toBe(true);
        expect(a.compare(b)).toBe(-b.compare(a) || 0);
      }),
    );
  });

  it('throws rather than hold more than 18 digits before the point, and names the result', () => {
    const largest = Amount.parse(LARGEST);
    const least = Amount.parse('0.000000000001');
    expect(() => largest.plus(least)).toThrow(AmountOverflow);
    expect(() => largest.plus(least)).toThrow('1000000000000000000');
    expect(() => largest.negated().minus(least)).toThrow('-1000000000000000000');
  });

  it('judges only the total of a sum, not what it passes on the way', () => {
    const largest = Amount.parse(LARGEST);
    expect(Amount.sum([largest, largest, largest.negated()]).equals(largest)).toBe(true);
    expect(() => Amount.sum([largest, largest])).toThrow(AmountOverflow);
  });
});

function catchError(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
