import { describe, expect, it } from '@jest/globals';
import { Amount } from '../amount/index.js';
import { completeSchedule, scheduleFaults, type PriceScheduleDraft, type PriceTierDraft } from './index.js';

const amount = (text: string) => Amount.parse(text);
const tier = (firstUnit: string, lastUnit?: string): PriceTierDraft => ({
  firstUnit: amount(firstUnit),
  lastUnit: lastUnit === undefined ? undefined : amount(lastUnit),
  model: 'perUnit',
  unitPrice: amount('1'),
});
const draft = (...tiers: PriceTierDraft[]): PriceScheduleDraft => ({
  kind: 'graduated',
  currency: 'EUR',
  tiers,
});
const faults = (schedule: PriceScheduleDraft) =>
  scheduleFaults(schedule, 'topUp').map(({ path, message }) => `${path}: ${message}`);

describe('scheduleFaults', () => {
  it.each([
    ['one open tier', draft(tier('0'))],
    ['tiers that touch', draft(tier('0', '10'), tier('10', '20'), tier('20'))],
    ['tiers that count whole units', draft(tier('0', '1000'), tier('1001', '5000'), tier('5001'))],
    ['tiers of fractions', draft(tier('0', '0.5'), tier('0.5'))],
    [
      'a price by the package, and nothing as a price',
      draft({ ...tier('0'), model: 'perPackage', packageSize: amount('0.5'), packagePrice: Amount.zero }),
    ],
    [
      'a hundred tiers',
      draft(...Array.from({ length: 99 }, (_, index) => tier(`${index}`, `${index + 1}`)), tier('99')),
    ],
  ])('finds none in %s', (_, schedule) => {
    expect(faults(schedule)).toEqual([]);
  });

  it.each([
    ['no tier', draft(), 'topUp.tiers: needs at least one tier'],
    [
      'a first tier not from 0',
      draft(tier('1')),
      'topUp.tiers[0].firstUnit: the first tier begins at 0, not 1',
    ],
    [
      'a gap',
      draft(tier('0', '10'), tier('12')),
      'topUp.tiers[1].firstUnit: gap: the tier before ends at 10, so this one begins there or one unit after, not at 12',
    ],
    [
      'a gap of part of a unit',
      draft(tier('0', '10'), tier('10.5')),
      'topUp.tiers[1].firstUnit: gap: the tier before ends at 10, so this one begins there or one unit after, not at 10.5',
    ],
    [
      'an overlap',
      draft(tier('0', '10'), tier('9')),
      'topUp.tiers[1].firstUnit: overlap: the tier before ends at 10, so this one begins there or one unit after, not at 9',
    ],
    [
      'a last tier that ends',
      draft(tier('0', '10')),
      'topUp.tiers[0].lastUnit: the last tier is open-ended: leave its last unit out, not 10',
    ],
    [
      'an open tier before the last',
      draft(tier('0'), tier('10')),
      'topUp.tiers[0].lastUnit: only the last tier is open-ended',
    ],
    [
      'an empty tier',
      draft(tier('0', '0'), tier('0')),
      'topUp.tiers[0].lastUnit: must be above 0, where the tier begins, not 0',
    ],
    [
      'a tier that ends before it begins',
      draft(tier('0', '10'), tier('11', '5'), tier('5')),
      'topUp.tiers[1].lastUnit: must be above 10, where the tier begins, not 5',
    ],
    [
      'a tier whose last unit is below its first',
      draft(tier('0', '10'), tier('11', '10.5'), tier('10.5')),
      'topUp.tiers[1].lastUnit: 10.5 is below the first unit 11',
    ],
    [
      'an unknown currency',
      { ...draft(tier('0')), currency: 'EURO' },
      'topUp.currency: not an ISO 4217 currency: "EURO"',
    ],
    [
      'a negative tax',
      { ...draft(tier('0')), taxPercent: amount('-1') },
      'topUp.taxPercent: must not be negative: -1',
    ],
  ])('names %s by path', (_, schedule, expected) => {
    expect(faults(schedule)).toEqual([expected]);
  });

  it('names every negative price and a package of nothing, all at once', () => {
    const minus = amount('-1');
    const schedule = draft(
      { ...tier('0', '1'), model: 'perUnit', unitPrice: minus, flatFee: minus },
      { ...tier('1', '2'), model: 'perPackage', packageSize: Amount.zero, packagePrice: minus },
      { ...tier('2', '3'), model: 'flat', flatPrice: minus },
      { ...tier('3'), model: 'percentage', percent: minus },
    );
    expect(faults(schedule)).toEqual([
      'topUp.tiers[0].flatFee: must not be negative: -1',
      'topUp.tiers[0].unitPrice: must not be negative: -1',
      'topUp.tiers[1].packageSize: must be positive, not 0',
      'topUp.tiers[1].packagePrice: must not be negative: -1',
      'topUp.tiers[2].flatPrice: must not be negative: -1',
      'topUp.tiers[3].percent: must not be negative: -1',
    ]);
  });

  it('does not go through a million tiers', () => {
    const many = draft(...Array.from({ length: 101 }, () => tier('5', '1')));
    expect(faults(many)).toEqual(['topUp.tiers: at most 100 tiers, not 101']);
  });
});

describe('completeSchedule', () => {
  it('spells out what was left out and drops what a schedule does not know', () => {
    const stray = { note: 'dear' };
    const loose: PriceScheduleDraft = { ...stray, ...draft({ ...stray, ...tier('0') }) };
    expect(completeSchedule(loose)).toStrictEqual({
      kind: 'graduated',
      currency: 'EUR',
      taxPercent: null,
      tiers: [
        { firstUnit: amount('0'), lastUnit: null, model: 'perUnit', unitPrice: amount('1'), flatFee: null },
      ],
    });
  });
});
