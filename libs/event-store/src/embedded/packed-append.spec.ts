import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packed, unpacked } from './packed-append.js';

/** Also texts whose bytes are the characters of another: é is C3 A9, which in ISO 8859-1 are Ã and ©. */
const type = fc.oneof(
  fc.constantFrom('CreditsDebited', 'CreditsGranted', 'é', 'Ã©', 'Ã', ''),
  fc.string({ unit: 'grapheme' }),
);
const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each));
const event = fc
  .record({ type, data: bytes, metadata: bytes })
  .map((each) => ({ id: randomUUID(), ...each }));

describe('the events of an append in one blob', () => {
  it('are told as they were written, whatever was told before', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        const told = unpacked(['stream', 100, 50, events.length, 7, packed(events)]);
        expect(told).toEqual(
          events.map((each, index) => ({
            stream: 'stream',
            revision: 50 - (events.length - 1 - index),
            position: BigInt(100 - (events.length - 1 - index)),
            storedAtMs: 7,
            ...each,
          })),
        );
      }),
    );
  });
});
