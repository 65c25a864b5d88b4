import { describe, expect, it } from '@jest/globals';
import { isCurrency, minorDigits } from './index.js';

describe('minorDigits', () => {
  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['ISK', 0],
    ['USD', 2],
    ['EUR', 2],
    ['HUF', 2],
    ['KWD', 3],
    ['BHD', 3],
    ['CLF', 4],
    ['UYW', 4],
  ])('of %s are %s', (currency, digits) => {
    expect(minorDigits(currency)).toBe(digits);
  });

  it.each(['XXX', 'XAU', 'XTS', 'usd', 'US', 'EURO', '', 'toString'])('knows no currency %j', (code) => {
    expect(minorDigits(code)).toBeUndefined();
    expect(isCurrency(code)).toBe(false);
  });
});
