import { describe, expect, it } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { Amount, AmountOverflow } from '../amount/index.js';
import {
  completeSchedule,
  quote,
  scheduleFaults,
  type PriceModel,
  type PriceSchedule,
  type PriceTierDraft,
} from './index.js';

const amount = (text: string) => Amount.parse(text);
const perUnit = (price: string): PriceModel => ({ model: 'perUnit', unitPrice: amount(price) });
const perPackage = (size: string, price: string): PriceModel => ({
  model: 'perPackage',
  packageSize: amount(size),
  packagePrice: amount(price),
});
const flat = (price: string): PriceModel => ({ model: 'flat', flatPrice: amount(price) });
const percentage = (percent: string): PriceModel => ({ model: 'percentage', percent: amount(percent) });
const tier = (
  firstUnit: string,
  lastUnit: string | null,
  model: PriceModel,
  flatFee?: string,
): PriceTierDraft => ({
  firstUnit: amount(firstUnit),
  lastUnit: lastUnit === null ? null : amount(lastUnit),
  ...model,
  flatFee: flatFee === undefined ? null : amount(flatFee),
});
const schedule = (
  kind: 'graduated' | 'volume',
  tiers: readonly PriceTierDraft[],
  { currency = 'USD', taxPercent }: { currency?: string; taxPercent?: string } = {},
): PriceSchedule =>
  completeSchedule({
    kind,
    currency,
    tiers,
    taxPercent: taxPercent === undefined ? null : amount(taxPercent),
  });

const priced = (terms: PriceSchedule, quantity: string) => {
  const { subtotal, tax, total } = quote(terms, amount(quantity));
  return [subtotal.toString(), tax.toString(), total.toString()];
};
const subtotal = (terms: PriceSchedule, quantity: string) =>
  quote(terms, amount(quantity)).subtotal.toString();
const linesOf = (terms: PriceSchedule, quantity: string) =>
  quote(terms, amount(quantity)).lines.map((line) => `${line.description} = ${line.amount.toString()}`);

const tiers = [
  tier('0', '1000', perUnit('0.3')),
  tier('1001', '5000', perUnit('0.2')),
  tier('5001', null, perUnit('0.1')),
];

describe('graduated', () => {
  const terms = schedule('graduated', tiers);

  it('prices each share by its own tier and adds up: 6000 units cost 300 + 800 + 100', () => {
    expect(subtotal(terms, '6000')).toBe('1200');
    expect(linesOf(terms, '6000')).toEqual([
      'over 0 to 1000: 1000 × 0.3 = 300',
      'over 1000 to 5000: 4000 × 0.2 = 800',
      'over 5000: 1000 × 0.1 = 100',
    ]);
  });

  it.each([
    ['0', '0'],
    ['1', '0.3'],
    ['1000', '300'],
    ['1000.5', '300.1'],
    ['1001', '300.2'],
    ['5000', '1100'],
    ['5001', '1100.1'],
  ])('%s units cost %s', (quantity, expected) => {
    expect(subtotal(terms, quantity)).toBe(expected);
  });

  it('mixes models and flat fees; a tier without a share charges nothing', () => {
    const mixed = schedule('graduated', [
      tier('0', '10', flat('5')),
      tier('10', '100', perPackage('25', '8'), '1.5'),
      tier('100', null, percentage('2.5'), '20'),
    ]);
    expect(subtotal(mixed, '10')).toBe('5');
    expect(subtotal(mixed, '11')).toBe('14.5');
    expect(subtotal(mixed, '100')).toBe('38.5');
    expect(subtotal(mixed, '300')).toBe('63.5');
    expect(linesOf(mixed, '300')).toEqual([
      'over 0 to 10: flat 5 = 5',
      'over 10 to 100: 4 packages of 25 × 8 = 32',
      'over 10 to 100: flat fee 1.5 = 1.5',
      'over 100: 2.5 % of 200 = 5',
      'over 100: flat fee 20 = 20',
    ]);
  });
});

describe('nothing', () => {
  it.each(['graduated', 'volume'] as const)(
    'costs nothing and has no lines, also by a flat price (%s)',
    (kind) => {
      const terms = schedule(kind, [tier('0', '10', flat('5'), '3'), tier('10', null, flat('7'))]);
      expect(subtotal(terms, '0')).toBe('0');
      expect(linesOf(terms, '0')).toEqual([]);
    },
  );

  it('as a flat fee has no line of its own', () => {
    const terms = schedule('graduated', [tier('0', null, perUnit('2'), '0')]);
    expect(linesOf(terms, '3')).toEqual(['over 0: 3 × 2 = 6']);
  });
});

describe('volume', () => {
  const terms = schedule('volume', tiers);

  it('prices the whole quantity by the tier it falls in: 6000 units cost 600', () => {
    expect(subtotal(terms, '6000')).toBe('600');
    expect(linesOf(terms, '6000')).toEqual(['over 5000: 6000 × 0.1 = 600']);
  });

  it.each([
    ['0', '0'],
    ['1000', '300'],
    ['1000.5', '200.1'],
    ['1001', '200.2'],
    ['5000', '1000'],
  ])('%s units cost %s', (quantity, expected) => {
    expect(subtotal(terms, quantity)).toBe(expected);
  });

  it.each([
    [flat('99'), '60', '99'],
    [perPackage('50', '10'), '60', '20'],
    [percentage('10'), '60', '6'],
  ])('prices by every model (case %#)', (model, quantity, expected) => {
    expect(
      subtotal(schedule('volume', [tier('0', '50', perUnit('1')), tier('51', null, model)]), quantity),
    ).toBe(expected);
  });
});

describe('packages', () => {
  it.each([
    ['17', '30'],
    ['10', '15'],
    ['10.000000000001', '30'],
    ['0.000000000001', '15'],
    ['0', '0'],
  ])('of 10 at 15: %s units cost %s', (quantity, expected) => {
    expect(subtotal(schedule('graduated', [tier('0', null, perPackage('10', '15'))]), quantity)).toBe(
      expected,
    );
  });

  it('are counted without a division that rounds', () => {
    // 10^17 + 1 packages of 3 × 10⁻¹², the last one holding a third of what it could.
    const thirds = schedule('graduated', [tier('0', null, perPackage('0.000000000003', '1'))]);
    expect(subtotal(thirds, '300000')).toBe('100000000000000000');
    expect(subtotal(thirds, '300000.000000000001')).toBe('100000000000000001');
  });
});

describe('rounding and tax', () => {
  it.each([
    ['USD', '0.005', '1', ['0.01', '0', '0.01']],
    ['USD', '0.004999999999', '1', ['0', '0', '0']],
    ['JPY', '0.5', '1', ['1', '0', '1']],
    ['JPY', '10.4', '1', ['10', '1', '11']],
    ['KWD', '0.0005', '1', ['0.001', '0', '0.001']],
    ['CLF', '0.00005', '1', ['0.0001', '0', '0.0001']],
    ['EUR', '19.99', '3', ['59.97', '6', '65.97']],
  ])(
    'rounds subtotal and tax once, half-up, to the minor unit of %s',
    (currency, price, quantity, expected) => {
      const terms = schedule('graduated', [tier('0', null, perUnit(price))], { currency, taxPercent: '10' });
      expect(priced(terms, quantity)).toEqual(expected);
    },
  );

  it('taxes the exact sum, so that the tax does not carry the rounding of the subtotal', () => {
    const terms = schedule('graduated', [tier('0', null, perUnit('14.6'))], {
      currency: 'JPY',
      taxPercent: '10',
    });
    expect(priced(terms, '1')).toEqual(['15', '1', '16']);
  });

  it('does not round tier by tier', () => {
    const terms = schedule('graduated', [
      tier('0', '1', perUnit('0.004')),
      tier('2', null, perUnit('0.004')),
    ]);
    expect(subtotal(terms, '2')).toBe('0.01');
    expect(linesOf(terms, '2')).toEqual([
      'over 0 to 1: 1 × 0.004 = 0.004',
      'over 1: 1 × 0.004 = 0.004',
      'rounded half-up to 2 decimals (USD) = 0.002',
    ]);
  });

  it('takes no tax where the schedule has none', () => {
    expect(priced(schedule('volume', tiers), '10')).toEqual(['3', '0', '3']);
  });
});

describe('what cannot be priced', () => {
  it('throws for a negative quantity, an unknown currency, and tiers that end', () => {
    expect(() => quote(schedule('graduated', tiers), amount('-1'))).toThrow(RangeError);
    expect(() => quote(schedule('graduated', tiers, { currency: 'XXX' }), amount('1'))).toThrow('XXX');
    expect(() => quote(schedule('volume', tiers.slice(0, 1)), amount('1001'))).toThrow('do not cover 1001');
  });

  it('throws for a price beyond 18 digits', () => {
    const dear = schedule('graduated', [tier('0', null, perUnit('1000000000'))]);
    expect(() => quote(dear, amount('1000000000'))).toThrow(AmountOverflow);
  });
});

describe('every schedule', () => {
  const ofUnits = (units: bigint) => Amount.ofUnits(units);
  const price = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(ofUnits);
  const positive = fc.bigInt({ min: 1n, max: 10n ** 14n }).map(ofUnits);
  /** Not so small that a price needs more than 18 digits. */
  const packageSize = fc.bigInt({ min: 10n ** 9n, max: 10n ** 14n }).map(ofUnits);
  const models: fc.Arbitrary<PriceModel> = fc.oneof(
    price.map((unitPrice): PriceModel => ({ model: 'perUnit', unitPrice })),
    fc
      .tuple(packageSize, price)
      .map(([size, packagePrice]): PriceModel => ({ model: 'perPackage', packageSize: size, packagePrice })),
    price.map((flatPrice): PriceModel => ({ model: 'flat', flatPrice })),
    price.map((percent): PriceModel => ({ model: 'percentage', percent })),
  );
  const steps = fc.array(fc.tuple(positive, models, fc.option(price)), { minLength: 1, maxLength: 5 });
  const schedules = fc
    .record({
      kind: fc.constantFrom<'graduated' | 'volume'>('graduated', 'volume'),
      currency: fc.constantFrom('JPY', 'USD', 'KWD', 'CLF'),
      taxPercent: fc.option(price),
      steps,
    })
    .map(({ steps: parts, ...rest }): PriceSchedule => {
      let from = Amount.zero;
      const contiguous = parts.map(([length, model, flatFee], index) => {
        const firstUnit = from;
        from = from.plus(length);
        return { firstUnit, lastUnit: index === parts.length - 1 ? null : from, ...model, flatFee };
      });
      return { ...rest, tiers: contiguous };
    });
  const quantities = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(ofUnits);

  it('that has no faults has a price whose lines add up to its subtotal, and subtotal and tax to its total', () => {
    fc.assert(
      fc.property(schedules, quantities, (terms, quantity) => {
        expect(scheduleFaults(terms, 'schedule')).toEqual([]);
        const offer = quote(terms, quantity);
        expect(Amount.sum(offer.lines.map((line) => line.amount)).toString()).toBe(offer.subtotal.toString());
        expect(offer.subtotal.plus(offer.tax).toString()).toBe(offer.total.toString());
      }),
      { numRuns: 500 },
    );
  });

  it('prices every unit once: the shares of its tiers add up to the quantity', () => {
    fc.assert(
      fc.property(schedules, quantities, (terms, quantity) => {
        const shares = quote(terms, quantity).lines.filter((line) => line.kind === 'tier');
        expect(Amount.sum(shares.map((line) => line.quantity)).toString()).toBe(quantity.toString());
      }),
    );
  });

  it('agrees with a naive calculation by decimal.js', () => {
    fc.assert(
      fc.property(schedules, quantities, (terms, quantity) => {
        expect(quote(terms, quantity).subtotal.toString()).toBe(naiveSubtotal(terms, quantity));
      }),
      { numRuns: 500 },
    );
  });

  it('that is graduated never gets cheaper as the quantity grows', () => {
    fc.assert(
      fc.property(schedules, quantities, quantities, (terms, a, b) => {
        const graduated: PriceSchedule = { ...terms, kind: 'graduated' };
        const [less, more] = [quote(graduated, Amount.min(a, b)), quote(graduated, Amount.max(a, b))];
        expect(more.subtotal.compare(less.subtotal)).toBeGreaterThanOrEqual(0);
        expect(more.tax.compare(less.tax)).toBeGreaterThanOrEqual(0);
        expect(more.total.compare(less.total)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

/** Unlike `quote`, goes through the tiers by their bounds and knows no lines. */
function naiveSubtotal(terms: PriceSchedule, quantity: Amount): string {
  const Exact = Decimal.clone({ precision: 300, toExpNeg: -400, toExpPos: 400 });
  const of = (value: Amount) => new Exact(value.toString());
  const whole = of(quantity);
  let sum = new Exact(0);
  terms.tiers.forEach((part, index) => {
    const from = of(terms.tiers[index - 1]?.lastUnit ?? Amount.zero);
    const to = part.lastUnit === null ? new Exact(Infinity) : of(part.lastUnit);
    const falls = whole.greaterThan(from) && whole.lessThanOrEqualTo(to);
    const own = Exact.max(0, Exact.min(whole, to).minus(from));
    const share = terms.kind === 'graduated' ? own : falls ? whole : new Exact(0);
    if (share.isZero()) return;
    if (part.flatFee) sum = sum.plus(of(part.flatFee));
    if (part.model === 'perUnit') sum = sum.plus(share.times(of(part.unitPrice)));
    if (part.model === 'perPackage') {
      sum = sum.plus(share.dividedBy(of(part.packageSize)).ceil().times(of(part.packagePrice)));
    }
    if (part.model === 'flat') sum = sum.plus(of(part.flatPrice));
    if (part.model === 'percentage') sum = sum.plus(share.times(of(part.percent)).dividedBy(100));
  });
  const decimals = { JPY: 0, USD: 2, KWD: 3, CLF: 4 }[terms.currency] ?? NaN;
  return sum.toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP).toFixed();
}
