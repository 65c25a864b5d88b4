import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonString } from './json-string.js';

describe('the JSON text of a string', () => {
  it('is that of JSON.stringify, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.string({ unit: 'grapheme' })),
        (text) => {
          expect(jsonString(text)).toBe(JSON.stringify(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is so for every single code unit, lone surrogates included', () => {
    const different: number[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      if (jsonString(text) !== JSON.stringify(text)) different.push(code);
    }
    expect(different).toEqual([]);
  });
});
