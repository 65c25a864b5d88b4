import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { WireWriter } from '#wire';
import { loaderOptions } from './loader-options.js';
import { messageType, responseType } from './message-types.js';
import { compileMessageWriter } from './message-writer.js';
import { protoFiles, SERVICES } from './proto-files.js';

type Method = MethodDefinition<object, object>;

const definitions = loadSync(protoFiles(), loaderOptions);
const METHODS = SERVICES.flatMap((name) => {
  const service = `purser.v1.${name}`;
  return Object.entries(definitions[service] as ServiceDefinition).map(([method, definition]) => ({
    name: `${name}/${method}`,
    type: responseType(service, method),
    write: writerOf(responseType(service, method)),
    definition: definition as Method,
  }));
});

/** What the type's fields may be, as handlers give them: some are left out, some are null. */
function messages(type: protobuf.Type, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const fields = type.fieldsArray.map((field): [string, fc.Arbitrary<unknown>] => [
    field.name,
    members(field.resolve(), depth),
  ]);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [], noNullPrototype: true });
}

function members(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const value = values(field, depth);
  if (field instanceof protobuf.MapField) return fc.dictionary(text, value, { maxKeys: 3 });
  if (field.repeated) return fc.array(value, { maxLength: depth > 1 ? 2 : 4 });
  return fc.option(value, { freq: 8 });
}

/** Short ones, and such as have lengths of two and three bytes. */
const text = fc.oneof(
  { weight: 30, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }) },
  { weight: 10, arbitrary: fc.string({ unit: 'binary', maxLength: 70 }) },
  { weight: 2, arbitrary: fc.nat({ max: 300 }).map((length) => 'ü'.repeat(length)) },
  fc.constantFrom(8_191, 8_192, 20_000).map((length) => 'x'.repeat(length)),
);

function values({ resolvedType, type }: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  if (resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.keys(resolvedType.values));
  if (resolvedType) return depth > 3 ? fc.constant({}) : messages(resolvedType, depth + 1);
  switch (type) {
    case 'string':
      return text;
    case 'bool':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    case 'int64':
      return fc.oneof(fc.nat(), fc.maxSafeNat(), fc.integer(), fc.maxSafeInteger());
    default:
      return fc.oneof(fc.nat({ max: 300 }), fc.integer());
  }
}

const ODD = [
  ...[99, -1, 0, 1, 1.5, NaN, 2 ** 31, 2 ** 32, 2 ** 60, '7', 'METERED', 'DEBITED', '', true, false, null],
  ...[undefined, [], ['a'], [null], {}, { a: 1 }, Buffer.from('x'), new Uint8Array(2), { low: 1, high: 2 }],
];

/** The message with one of its values, somewhere, replaced. */
function spoilt(message: Record<string, unknown>, steps: readonly number[], odd: unknown): unknown {
  const [step = 0, ...rest] = steps;
  const names = Object.keys(message);
  const name = names[step % Math.max(1, names.length)];
  if (name === undefined) return message;
  const inner = message[name];
  const deeper = rest.length > 0 && typeof inner === 'object' && inner !== null && !Buffer.isBuffer(inner);
  const replaced = deeper ? spoilt(inner as Record<string, unknown>, rest, odd) : odd;
  return Array.isArray(message)
    ? message.map((each: unknown, index) => (String(index) === name ? replaced : each))
    : { ...message, [name]: replaced };
}

function writerOf(type: protobuf.Type): (message: object) => Buffer {
  const write = compileMessageWriter(type);
  return (message) => {
    const to = new WireWriter(8);
    write(message, to);
    return to.toBuffer();
  };
}

const REFUSED = Buffer.from('refused');

function attempt(write: () => Buffer): Buffer {
  try {
    return write();
  } catch {
    return REFUSED;
  }
}

/** Quicker than `toEqual` on long ones. */
function expectSame(got: Buffer, expected: Buffer): void {
  if (!got.equals(expected)) expect(got).toEqual(expected);
}

describe.each(METHODS)('a response of $name', ({ type, write, definition }) => {
  it('is written as proto-loader does it', () => {
    fc.assert(
      fc.property(messages(type), (message) => {
        expectSame(write(message), definition.responseSerialize(message));
      }),
      { numRuns: 50 },
    );
  });

  it('is what proto-loader makes of it, or refused as well, where the types do not allow it', () => {
    const spoiling = fc.tuple(
      messages(type),
      fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(...ODD),
    );
    fc.assert(
      fc.property(spoiling, ([message, steps, odd]) => {
        const given = spoilt(message, steps, odd) as object;
        const expected = attempt(() => definition.responseSerialize(given));
        expectSame(
          attempt(() => write(given)),
          expected,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('is no list', () => {
    expect(() => definition.responseSerialize([])).toThrow();
    expect(() => write([])).toThrow('a list is no');
  });
});

describe('a writer of messages', () => {
  const type = messageType('purser.v1.RecordUsageStreamResponse');
  const write = writerOf(type);

  it('joins lists by joining messages', () => {
    fc.assert(
      fc.property(messages(type), messages(type), (one, other) => {
        const results = [...((one['results'] ?? []) as []), ...((other['results'] ?? []) as [])];
        expectSame(Buffer.concat([write(one), write(other)]), write({ results }));
      }),
    );
  });

  it('leaves nothing behind of a message that it refuses', () => {
    const to = new WireWriter();
    to.text('before');
    const { length } = to;
    expect(() => {
      compileMessageWriter(type)({ results: [{ error: { reason: 'half' } }, 'no result'] }, to);
    }).toThrow();
    expect(to.length).toBe(length);
  });

  it('writes half a surrogate pair as what it is to everybody else', () => {
    const bytes = writerOf(messageType('purser.v1.FieldViolation'))({ field: 'a\ud800b' });
    expect(bytes.subarray(2).toString()).toBe('a\ufffdb');
  });
});
