import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { uuidBytes, uuidText } from './uuid-bytes.js';

describe('the bytes of a UUID', () => {
  it('are what Buffer makes of its digits, whatever their case, and give the text back', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(20), (uuid, before) => {
        const expected = Buffer.from(uuid.replaceAll('-', ''), 'hex');
        expect(uuidBytes(uuid)).toEqual(expected);
        expect(uuidBytes(uuid.toUpperCase())).toEqual(expected);
        expect(uuidText(Buffer.concat([Buffer.alloc(before), expected]), before)).toBe(uuid);
      }),
    );
  });
});
