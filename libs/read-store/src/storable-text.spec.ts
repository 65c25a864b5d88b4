import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromStorableText, toStorableText } from './storable-text.js';

/** Any sequence of UTF-16 units, lone surrogates included, and often what is escaped. */
const anyText = fc
  .array(
    fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 1, 2, 3, 0xd800, 0xdc00, 0xdfff, 0x30)),
    { maxLength: 8 },
  )
  .map((units) => String.fromCharCode(...units));

describe('storable text', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fromStorableText(toStorableText(text))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('holds no NUL and no lone surrogate', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = toStorableText(text);
        expect(stored).not.toContain('\u0000');
        expect(Buffer.from(stored).toString()).toBe(stored);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the order of texts without surrogates', () => {
    const noSurrogates = anyText.map((text) => text.replace(/[\ud800-\udfff]/g, ''));
    fc.assert(
      fc.property(noSurrogates, noSurrogates, (a, b) => {
        expect(Math.sign(compare(toStorableText(a), toStorableText(b)))).toBe(Math.sign(compare(a, b)));
      }),
      { numRuns: 2000 },
    );
  });
});

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
