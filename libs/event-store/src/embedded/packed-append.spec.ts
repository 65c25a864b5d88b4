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
      fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), (events) => {
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

  const two = packed([
    { id: randomUUID(), type: 'First', data: Buffer.from('{"a":1}'), metadata: Buffer.from('{}') },
    { id: randomUUID(), type: 'Second', data: Buffer.from('{"b":2}'), metadata: Buffer.from('{}') },
  ]);

  it.each([
    ['short', two.subarray(0, -1), 2],
    ['cut within the lengths of an event', two.subarray(0, -30), 2],
    ['with something behind the last event', Buffer.concat([two, Buffer.from([0])]), 2],
    ['said to be of more events', two, 3],
    ['said to be of fewer events', two, 1],
    ['said to be of no event', two, 0],
    ['said to be of more events than memory holds', two, 2 ** 40],
    ['said to be of less than a whole event', two, 1.5],
    ['a text', 'a text that is longer than what stands before an event' as unknown as Buffer, 1],
  ])('are damaged, and said to be by their place, when the blob is %s', (_what, blob, events) => {
    expect(() => unpacked(['account-a', 100, 50, events, 7, blob])).toThrow(
      expect.objectContaining({
        name: 'EventsDamaged',
        message: expect.stringContaining('account-a revision 50: what is stored at position 100 ('),
        stream: 'account-a',
        revision: 50,
        position: 100n,
      }),
    );
  });
});
