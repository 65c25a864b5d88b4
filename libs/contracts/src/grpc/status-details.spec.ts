import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeStatusDetails, encodeStatusDetails, type StatusDetails } from './status-details.js';

const REFUSED: StatusDetails = {
  code: 9,
  message: 'needs 5 credits, has 3',
  reason: 'INSUFFICIENT_CREDITS',
  metadata: { available: '3', required: '5' },
  fieldViolations: [],
};

describe('status details', () => {
  it('come back as they were', () => {
    const text = fc.string({ unit: 'grapheme' });
    const details = fc.record({
      code: fc.integer({ min: 0, max: 16 }),
      message: text,
      reason: text,
      metadata: fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), text, {
        noNullPrototype: true,
      }),
      fieldViolations: fc.array(fc.record({ field: text, description: text }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(
        details.filter(({ metadata }) => !Object.hasOwn(metadata, '__proto__')),
        (given) => {
          expect(decodeStatusDetails(encodeStatusDetails(given))).toEqual(given);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are the bytes of google.rpc.Status with an ErrorInfo in it', () => {
    // Field numbers and wire types as in google/rpc/status.proto and error_details.proto.
    const info = [
      field(1, 'INSUFFICIENT_CREDITS'),
      field(2, 'purser.v1'),
      field(3, Buffer.concat([field(1, 'available'), field(2, '3')])),
      field(3, Buffer.concat([field(1, 'required'), field(2, '5')])),
    ];
    const any = [field(1, 'type.googleapis.com/google.rpc.ErrorInfo'), field(2, Buffer.concat(info))];
    const status = [Buffer.from([0x08, 9]), field(2, REFUSED.message), field(3, Buffer.concat(any))];
    expect(encodeStatusDetails(REFUSED).toString('hex')).toBe(Buffer.concat(status).toString('hex'));
  });

  it('name every field violation in a BadRequest', () => {
    const fieldViolations = [{ field: 'amount', description: 'must be positive, got "-1"' }];
    const bytes = encodeStatusDetails({ ...REFUSED, code: 3, fieldViolations });
    expect(bytes.includes('type.googleapis.com/google.rpc.BadRequest')).toBe(true);
    expect(decodeStatusDetails(bytes).fieldViolations).toEqual(fieldViolations);
  });

  it('are refused when they are something else', () => {
    expect(() => decodeStatusDetails(Buffer.from([0xff, 0xff, 0xff]))).toThrow();
  });
});

/** A length-delimited protobuf field shorter than 16 KiB. */
function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...size]), bytes]);
}
