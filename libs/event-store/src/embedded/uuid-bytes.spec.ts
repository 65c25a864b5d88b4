import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { uuidText, writeUuid } from './uuid-bytes.js';

describe('the bytes of a UUID', () => {
  it('are what Buffer makes of its digits, whatever their case, and give the text back', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(20), (uuid, before) => {
        const expected = Buffer.from(uuid.replaceAll('-', ''), 'hex');
        for (const text of [uuid, uuid.toUpperCase()]) {
          const bytes = Buffer.alloc(before + 16);
          writeUuid(bytes, before, text);
          expect(bytes).toEqual(Buffer.concat([Buffer.alloc(before), expected]));
          expect(uuidText(bytes, before)).toBe(uuid);
        }
      }),
    );
  });
});
