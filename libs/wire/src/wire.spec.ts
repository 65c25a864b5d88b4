import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { bytesField, numberField } from './wire-format.js';
import { Unfamiliar, WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

const NUMBER = numberField(1);
const TEXT = bytesField(2);
const NESTED = bytesField(3);

/** A message with others in it, to any depth. */
interface Message {
  readonly number: number;
  readonly text: string;
  readonly nested: readonly Message[];
}

const numbers = fc.oneof(
  fc.nat(300),
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1),
);

/** Lengths that need one, two and three bytes, and those next to them. */
const long = fc.constantFrom(63, 64, 65, 120, 127, 128, 16_383, 16_384).map((length) => 'x'.repeat(length));
const texts = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'binary', maxLength: 90 }) },
  { weight: 1, arbitrary: long },
);

function messages(depth: number): fc.Arbitrary<Message> {
  const nested = depth === 0 ? fc.constant([]) : fc.array(messages(depth - 1), { maxLength: 2 });
  return fc.record({ number: numbers, text: texts, nested });
}

const message = messages(3);

function write({ number, text, nested }: Message, to: WireWriter): void {
  to.varint(NUMBER);
  to.varint(number);
  to.varint(TEXT);
  to.text(text);
  for (const inner of nested) {
    to.varint(NESTED);
    const start = to.begin();
    write(inner, to);
    to.end(start);
  }
}

/** The same by the library. */
function writeGenerally({ number, text, nested }: Message, to: protobuf.Writer): protobuf.Writer {
  to.uint32(NUMBER).uint64(number).uint32(TEXT).string(text);
  for (const inner of nested) writeGenerally(inner, to.uint32(NESTED).fork()).ldelim();
  return to;
}

function read(reader: WireReader, end: number): Message {
  const nested: Message[] = [];
  reader.expect(NUMBER);
  const number = reader.uint();
  reader.expect(TEXT);
  const text = reader.content().toString();
  while (reader.at < end) {
    reader.expect(NESTED);
    nested.push(read(reader, reader.enter()));
  }
  reader.leave(end);
  return { number, text, nested };
}

function written(given: Message): Buffer {
  const to = new WireWriter(1);
  write(given, to);
  return to.toBuffer();
}

describe('protocol buffers, byte by byte', () => {
  it('are written as the library writes them, however long what is nested becomes', () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(written(given).equals(writeGenerally(given, new protobuf.BufferWriter()).finish())).toBe(true);
      }),
    );
  });

  it.each([2 ** 21 - 1, 2 ** 21])('take a text of %i bytes', (length) => {
    const given = { number: 1, text: 'x'.repeat(length), nested: [] };
    const outer = { number: 1, text: '', nested: [given] };
    const expected = writeGenerally(outer, new protobuf.BufferWriter()).finish();
    expect(written(outer).equals(expected)).toBe(true);
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(message, (given) => {
        const bytes = written(given);
        expect(read(new WireReader(bytes), bytes.length)).toEqual(given);
      }),
    );
  });

  it('are not read beyond their end', () => {
    fc.assert(
      fc.property(message, fc.nat(), (given, where) => {
        const whole = written(given);
        const bytes = whole.subarray(0, where % whole.length);
        expect(() => read(new WireReader(bytes), whole.length)).toThrow(Unfamiliar);
      }),
    );
  });

  it('are not read where a number is more than JavaScript can hold, or a text is not ASCII', () => {
    expect(() => new WireReader(Buffer.from('ffffffffffffff1f', 'hex')).uint()).toThrow(Unfamiliar);
    expect(() => new WireReader(Buffer.from('02c3a4', 'hex')).ascii()).toThrow(Unfamiliar);
  });
});
