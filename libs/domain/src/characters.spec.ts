import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { characterCount, isLongerThan } from './characters.js';

const text = fc
  .array(fc.constantFrom('a', 'ä', '客', '😀', '\ud83d', '\ude00'))
  .map((parts) => parts.join(''));

describe('the characters of a text', () => {
  it('are its code points, half of a pair being one', () => {
    fc.assert(
      fc.property(text, (some) => {
        expect(characterCount(some)).toBe(Array.from(some).length);
      }),
    );
  });

  it('are counted against a limit wherever the limit is', () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 12 }), (some, limit) => {
        expect(isLongerThan(some, limit)).toBe(Array.from(some).length > limit);
      }),
    );
  });
});
