import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { compileEventReader, UNREAD } from './json-reader.js';
import { ledgerEventSchemas } from './ledger-event-schemas.js';
import { corrupted, membersText } from './testing/corrupted-events.js';
import { LEDGER_EVENT_TYPES } from './testing/event-arbitrary.js';

const read = compileEventReader;

describe.each(LEDGER_EVENT_TYPES)('the reader of %s', (type) => {
  const schema: z.ZodType = ledgerEventSchemas[type];
  const reader = read(ledgerEventSchemas[type]);

  it('gives what the schema gives', () => {
    fc.assert(
      fc.property(membersText(type), (text) => {
        const result = reader(JSON.parse(text));
        const expected = schema.parse(JSON.parse(text));
        // The reader leaves records with a name of the language to the schema.
        if (result === UNREAD) expect(text).toMatch(/"(__proto__|constructor)":/);
        else expect(result).toStrictEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('vouches for nothing that the schema refuses, and for nothing it would give another value', () => {
    fc.assert(
      fc.property(corrupted(type), (text) => {
        const expected = schema.safeParse(JSON.parse(text));
        const result = reader(JSON.parse(text));
        if (result === UNREAD) return;
        expect(expected.error).toBeUndefined();
        expect(result).toStrictEqual(expected.data);
        expect(JSON.stringify(result)).toBe(JSON.stringify(expected.data));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a reader', () => {
  it.each([null, 'x', 7, true, undefined])('does not vouch for %j in place of an object', (value) => {
    expect(read(z.strictObject({ a: z.string() }))(value)).toBe(UNREAD);
    expect(read(z.strictObject({ a: z.string() }))([value])).toBe(UNREAD);
  });

  it('takes members that may be left out, and no others, for left out', () => {
    const reader = read(z.strictObject({ a: z.string(), b: z.int().exactOptional(), c: z.boolean() }));
    expect(reader({ a: 'x', b: 1, c: true })).toEqual({ a: 'x', b: 1, c: true });
    expect(reader({ a: 'x', c: true })).toEqual({ a: 'x', c: true });
    expect(reader({ a: 'x', b: 1 })).toBe(UNREAD);
    expect(reader({ a: 'x', c: true, b: 1 })).toBe(UNREAD);
  });

  it.each<[string, z.core.$ZodType]>([
    ['a text with a rule', z.string().min(1)],
    ['an object with a rule', z.strictObject({ a: z.string() }).refine(() => true)],
    ['an object that may have other members', z.object({ a: z.string() })],
    ['any number', z.number()],
    ['an integer with a bound', z.int().min(0)],
    ['a transformation', z.string().transform((text) => text.length)],
    ['a default', z.string().default('')],
    ['a record whose names have a rule', z.record(z.string().max(3), z.string())],
    ['a record of few names', z.record(z.enum(['a']), z.string())],
    ['a union that nothing tells apart', z.union([z.string(), z.int()])],
    ['a date', z.date()],
    ['a coerced text', z.coerce.string()],
  ])('is refused for %s: what it does not know it would not check', (_name, member) => {
    expect(() => read(z.strictObject({ member }))).toThrow(TypeError);
  });
});
