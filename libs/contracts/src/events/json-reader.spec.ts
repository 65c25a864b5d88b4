import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { encodeEvent } from './event-codec.js';
import { compileEventReader, UNREAD } from './json-reader.js';
import { ledgerEventSchemas, type LedgerEventType } from './ledger-event-schemas.js';
import { anyEvent, LEDGER_EVENT_TYPES } from './testing/event-arbitrary.js';

type Tree = Record<string, unknown> | unknown[];

/** The members of a stored event as JSON text, without the version, which schemas do not know. */
function membersText(type: LedgerEventType) {
  return anyEvent(type).map((event) => {
    const text = Buffer.from(encodeEvent(event).data).toString();
    return text.replace(/,"schemaVersion":1\}$/, '}');
  });
}

/** Every object and list within a JSON value, itself first. */
function treesOf(value: unknown): Tree[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Tree, ...Object.values(value).flatMap(treesOf)];
}

function put(tree: Tree, name: string, value: unknown): void {
  Object.defineProperty(tree, name, { value, enumerable: true, writable: true, configurable: true });
}

const CORRUPTIONS: Record<string, (tree: Tree, name: string, value: unknown) => void> = {
  replace: put,
  remove: (tree, name) => {
    if (Array.isArray(tree)) tree.pop();
    else Reflect.deleteProperty(tree, name);
  },
  add: (tree, _name, value) => {
    if (Array.isArray(tree)) tree.push(value);
    else put(tree, 'extra', value);
  },
  addNameOfTheLanguage: (tree, _name, value) => put(tree, '__proto__', value),
  addConstructor: (tree, _name, value) => put(tree, 'constructor', value),
  moveToTheEnd: (tree, name) => {
    const moved: unknown = (tree as Record<string, unknown>)[name];
    if (Array.isArray(tree) || moved === undefined) return;
    Reflect.deleteProperty(tree, name);
    put(tree, name, moved);
  },
  rename: (tree, name) => {
    const moved: unknown = (tree as Record<string, unknown>)[name];
    if (Array.isArray(tree) || moved === undefined) return;
    Reflect.deleteProperty(tree, name);
    put(tree, `${name}s`, moved);
  },
};

const HOSTILE: readonly unknown[] = [
  ...['', 'x', '0', '-0', '1.50', '01', '1e5', '+1', ' 1', '1.', '9'.repeat(19), '-0.0000000000001', 'usage'],
  ...['2026-02-30T00:00:00.000Z', '2026-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
  ...['2026-01-01T24:00:00.000Z', '2026-01-01T00:00:00.000z', '٢026-01-01T00:00:00.000Z'],
  ...[null, true, false, 0, -0, 1, 1.5, 1e300, 2 ** 53, -(2 ** 53)],
  ...[[], {}, [{}], { kind: 'usage' }, { kind: 'settlement' }, ['included']],
];

/** A corrupted event as text: one or two blows, anywhere in it. */
function corrupted(type: LedgerEventType): fc.Arbitrary<string> {
  const blow = fc.record({
    where: fc.nat(),
    member: fc.nat(),
    how: fc.constantFrom(...Object.values(CORRUPTIONS)),
    value: fc.constantFrom(...HOSTILE),
  });
  return fc.tuple(membersText(type), fc.array(blow, { minLength: 1, maxLength: 2 })).map(([text, blows]) => {
    const event: unknown = JSON.parse(text);
    for (const { where, member, how, value } of blows) {
      const trees = treesOf(event);
      const tree = trees[where % trees.length] ?? [];
      const names = Object.keys(tree);
      how(tree, names[member % Math.max(1, names.length)] ?? '0', structuredClone(value));
    }
    return JSON.stringify(event);
  });
}

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
