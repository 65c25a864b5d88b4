import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { compileCanonicalReader } from './canonical-reader.js';
import { UNREAD } from './json-reader.js';
import { ledgerEventSchemas } from './ledger-event-schemas.js';
import { corrupted, corruptedBytes, membersText } from './testing/corrupted-events.js';
import { LEDGER_EVENT_TYPES } from './testing/event-arbitrary.js';

const versioned = (members: string) => members.replace(/\}$/, ',"schemaVersion":1}');

/** What the reader leaves to others although it is canonical: escapes, names of the language, large numbers. */
const RARE = /\\|"(?:__proto__|constructor)":|:-?\d{16}[,}]/;
/** What a schema and the parser make of the bytes of a stored event; undefined for no such event. */
function bySchema(schema: z.ZodType, data: Buffer): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data.toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { schemaVersion, ...members } = parsed as Record<string, unknown>;
  return schemaVersion === 1 ? schema.safeParse(members).data : undefined;
}

describe.each(LEDGER_EVENT_TYPES)('the canonical reader of %s', (type) => {
  const schema: z.ZodType = ledgerEventSchemas[type];
  const read = compileCanonicalReader(ledgerEventSchemas[type], 1);

  it('gives what the schema gives, and leaves only rare events to it', () => {
    fc.assert(
      fc.property(membersText(type).map(versioned), (text) => {
        const result = read(Buffer.from(text));
        if (result === UNREAD) expect(text).toMatch(RARE);
        else expect(result).toStrictEqual(bySchema(schema, Buffer.from(text)));
      }),
      { numRuns: 60 },
    );
  });

  it('vouches for nothing that the schema refuses, and for nothing it would give another value', () => {
    const anyBytes = fc.oneof(
      corruptedBytes(membersText(type).map(versioned)),
      corrupted(type).map((text) => Buffer.from(versioned(text))),
    );
    fc.assert(
      fc.property(anyBytes, (data) => {
        const result = read(data);
        if (result === UNREAD) return;
        const expected = bySchema(schema, data);
        expect(result).toStrictEqual(expected);
        expect(JSON.stringify(result)).toBe(JSON.stringify(expected));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a canonical reader', () => {
  const read = compileCanonicalReader(
    z.strictObject({
      text: z.string(),
      integer: z.int(),
      list: z.array(z.boolean().nullable()),
      record: z.record(z.string(), z.string()),
    }),
    2,
  );
  const text = '{"text":"ü","integer":-12,"list":[true,false,null],"record":{"a":"1"},"schemaVersion":2}';

  it('reads from a part of a larger buffer, and from bytes of any class', () => {
    const value = { text: 'ü', integer: -12, list: [true, false, null], record: { a: '1' } };
    const buffer = Buffer.from(`xx${text}yy`);
    expect(read(buffer.subarray(2, buffer.length - 2))).toStrictEqual(value);
    expect(read(Uint8Array.from(Buffer.from(text)))).toStrictEqual(value);
    expect(read(buffer)).toBe(UNREAD);
    expect(read(buffer.subarray(2))).toBe(UNREAD);
  });

  it.each([
    ['', ''],
    ['-12', '-0'],
    ['-12', '012'],
    ['-12', '12.0'],
    ['-12', '1e1'],
    ['-12', '9007199254740993'],
    ['-12', '-'],
    ['true', 'True'],
    [',null]', ',]'],
    ['{"a":"1"}', '{"a":1}'],
    ['{"a":"1"}', '{"a":"1",}'],
    ['{"a":"1"}', '[]'],
    ['"text":', '"text" :'],
    ['"text":"ü",', ''],
    ['"ü"', '"\n"'],
    ['"ü"', '"\\u00fc"'],
    ['"schemaVersion":2', '"schemaVersion":1'],
    ['"schemaVersion":2}', '"schemaVersion":2} '],
    ['"schemaVersion":2}', '"schemaVersion":2'],
  ])('does not vouch for another spelling: %j as %j', (from, to) => {
    const other = from === '' ? '' : text.replace(from, to);
    expect(read(Buffer.from(other))).toBe(UNREAD);
    expect(read(Buffer.from(text))).not.toBe(UNREAD);
  });

  it('keeps no text of the event before where another one stands', () => {
    const texts = [
      'a',
      'a',
      'ab',
      'a',
      '',
      'ü',
      'ü',
      'Ã¼',
      'Ã¼',
      'ü',
      'Ã¼',
      'b'.repeat(100),
      'b'.repeat(100),
      'a',
    ];
    const read = compileCanonicalReader(z.strictObject({ text: z.string() }), 1);
    for (const text of texts) {
      expect(read(Buffer.from(`{"text":"${text}","schemaVersion":1}`))).toStrictEqual({ text });
      expect(read(Buffer.from(`{"text":"${text},"schemaVersion":1}`))).toBe(UNREAD);
    }
  });

  it('takes members that may be left out, and no others, for left out', () => {
    const read = compileCanonicalReader(
      z.strictObject({
        a: z.string(),
        b: z.int().exactOptional(),
        c: z.boolean(),
        d: z.int().exactOptional(),
      }),
      1,
    );
    const given = (members: object) => read(Buffer.from(versioned(JSON.stringify(members))));
    for (const members of [
      { a: 'x', b: 1, c: true, d: 2 },
      { a: 'x', c: true, d: 2 },
      { a: 'x', c: true },
    ])
      expect(given(members)).toStrictEqual(members);
    for (const members of [
      { a: 'x', b: 1 },
      { a: 'x', c: true, b: 1 },
      { b: 1, c: true },
    ])
      expect(given(members)).toBe(UNREAD);
  });

  it.each<[string, z.core.$ZodType]>([
    ['a text with a rule', z.string().min(1)],
    ['an object that may have other members', z.object({ a: z.string() })],
    ['any number', z.number()],
    ['an integer with a bound', z.int().min(0)],
    ['a transformation', z.string().transform((given) => given.length)],
    ['a default', z.string().default('')],
    ['a record whose names have a rule', z.record(z.string().max(3), z.string())],
    ['a record of few names', z.record(z.enum(['a']), z.string())],
    ['a date', z.date()],
    ['a coerced text', z.coerce.string()],
  ])('is refused for %s: what it does not know it would not check', (_name, member) => {
    expect(() => compileCanonicalReader(z.strictObject({ member }), 1)).toThrow(TypeError);
  });
});
