import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messageReader } from './message-reader.js';
import { messageType } from './message-types.js';
import type { RecordUsageStreamRequest } from './messages.js';
import { SentUsages } from './sent-usages.js';

const request = messageType('purser.v1.RecordUsageStreamRequest');
const readAll = messageReader('purser.v1.RecordUsageStreamRequest') as (
  bytes: Uint8Array,
) => RecordUsageStreamRequest;

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const moment = fc.record({
  seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
const usage = fc.record(
  {
    customerId: text,
    source: text,
    id: text,
    feature: text,
    quantity: text,
    time: moment,
    dimensions: fc.dictionary(text, text, { maxKeys: 4 }),
  },
  { requiredKeys: [] },
);
const message = fc.record({ usages: fc.array(usage, { maxLength: 5 }), mode: fc.nat({ max: 3 }) });

function bytesOf(content: object): Buffer {
  return Buffer.from(request.encode(request.fromObject(content)).finish());
}

function read(bytes: Uint8Array): RecordUsageStreamRequest & { readonly customers: readonly string[] } {
  const sent = new SentUsages(bytes);
  const places = [...Array(sent.count).keys()];
  return {
    usages: places.map((at) => sent.read(at)),
    mode: sent.mode,
    customers: places.map((at) => sent.customerId(at)),
  };
}

function expected(bytes: Uint8Array) {
  const { usages, mode } = readAll(bytes);
  return { usages, mode, customers: usages.map(({ customerId }) => customerId) };
}

/** A field of bytes, as a message that has more fields than ours might hold one. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}

describe('the usage events of a message', () => {
  it('are what the loader would deliver, one by one and in any order', () => {
    fc.assert(
      fc.property(message, (content) => {
        const bytes = bytesOf(content);
        expect(read(bytes)).toEqual(expected(bytes));
        const sent = new SentUsages(bytes);
        for (let at = sent.count - 1; at >= 0; at--) expect(sent.read(at)).toEqual(readAll(bytes).usages[at]);
      }),
    );
  });

  it('pass by fields that they do not know, and take the last of those that come again', () => {
    const event = Buffer.concat([
      field(1, Buffer.from('first')),
      field(15, Buffer.from('unknown')),
      field(1, Buffer.from('last')),
      field(6, Buffer.concat([Buffer.from([0x08, 0x05]), field(9, Buffer.from('unknown'))])),
      field(7, field(3, Buffer.from('unknown'))),
    ]);
    const bytes = Buffer.concat([field(14, Buffer.from('unknown')), field(1, event)]);
    expect(read(bytes)).toEqual(expected(bytes));
    expect(read(bytes)).toMatchObject({ customers: ['last'], usages: [{ time: { seconds: 5 } }] });
  });

  it('keep a dimension that has a meaning of its own in JavaScript as one of many', () => {
    const entry = Buffer.concat([field(1, Buffer.from('__proto__')), field(2, Buffer.from('x'))]);
    const [event] = read(field(1, field(7, entry))).usages;
    expect(Object.entries(event?.dimensions ?? {})).toEqual([['__proto__', 'x']]);
  });

  it('are refused, and never read beyond their own end, when their bytes are spoilt', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat({ max: 255 }), (content, place, byte) => {
        const bytes = bytesOf(content);
        bytes[place % Math.max(1, bytes.length)] = byte;
        try {
          for (const { dimensions, time } of read(bytes).usages) {
            expect(Object.values(dimensions).every((value) => typeof value === 'string')).toBe(true);
            expect(time === null || Number.isInteger(time.nanos)).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(TypeError);
        }
      }),
    );
    expect(() => new SentUsages(Buffer.from([0x0a, 0x05, 0x0a]))).toThrow(
      'usages: is cut short: must be 5 bytes, and 1 follow',
    );
    expect(() => new SentUsages(Buffer.from([0x08, 0x05]))).toThrow('usages: has a value of another type');
  });

  it('are not told apart by bytes that are no text: such an event is refused, and what stands for such bytes is not', () => {
    const event = (id: Buffer) => field(1, field(3, id));
    const ids = [Buffer.from([0xff, 0x41, 0x41]), Buffer.from([0xfe, 0x41, 0x41]), Buffer.from('\ufffdAA')];
    const sent = new SentUsages(Buffer.concat(ids.map(event)));
    expect(() => sent.read(0)).toThrow('id: is not UTF-8');
    expect(() => sent.read(1)).toThrow('id: is not UTF-8');
    expect(sent.read(2).id).toBe('\ufffdAA');
    const entry = Buffer.concat([field(1, Buffer.from('k')), field(2, Buffer.from([0xc3]))]);
    expect(() => new SentUsages(field(1, field(7, entry))).read(0)).toThrow('dimensions: is not UTF-8');
  });

  it('leave the event beside one that is cut short, or has a value of another type, to its sender', () => {
    const whole = field(1, field(1, Buffer.from('whole')));
    for (const [spoilt, fault] of [
      // A customer's name that would reach into the next event.
      [[0x0a, 0x05], 'customer_id: is cut short: must be 5 bytes, and 0 follow'],
      [[0x2a, 0x64, 0x31], 'quantity: is cut short: must be 100 bytes, and 1 follow'],
      [[0x3a, 0x03, 0x0a, 0x04, 0x61], 'dimensions: is cut short: must be 4 bytes, and 1 follow'],
      [[0x08, 0x05], 'customer_id: has a value of another type (wire type 0)'],
      [[0x32, 0x05, 0x0d, 0, 0, 0, 0], 'time.seconds: has a value of another type (wire type 5)'],
    ] as const) {
      const sent = new SentUsages(Buffer.concat([whole, field(1, Buffer.from(spoilt)), whole]));
      expect([0, 2].map((at) => sent.read(at).customerId)).toEqual(['whole', 'whole']);
      expect(() => sent.read(1)).toThrow(fault);
    }
  });

  it('are none in an empty message, and none is read where there is none', () => {
    const sent = new SentUsages(Buffer.alloc(0));
    expect([sent.count, sent.mode]).toEqual([0, 'METERED']);
    expect(() => sent.read(0)).toThrow('there is no usage 0 in a message of 0');
  });
});
