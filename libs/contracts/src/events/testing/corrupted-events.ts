import fc from 'fast-check';
import { encodeEvent } from '../event-codec.js';
import type { LedgerEventType } from '../ledger-event-schemas.js';
import { anyEvent } from './event-arbitrary.js';

type Tree = Record<string, unknown> | unknown[];

/** The members of a stored event as JSON text, without the version, which schemas do not know. */
export function membersText(type: LedgerEventType): fc.Arbitrary<string> {
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
export function corrupted(type: LedgerEventType): fc.Arbitrary<string> {
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

/** Bytes that mean something in JSON, in UTF-8 or in an amount. */
const BYTES = [...Buffer.from('"\\,:{}[]01-.eE+ \n\0truefalsnZT'), 0x7f, 0x80, 0xc3, 0xa4, 0xed, 0xff];

/** Bytes with one to three blows to single ones of them. */
export function corruptedBytes(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const blow = fc.record({
    where: fc.nat(),
    how: fc.constantFrom('replace', 'insert', 'remove', 'repeat'),
    byte: fc.constantFrom(...BYTES),
  });
  return fc.tuple(text, fc.array(blow, { minLength: 1, maxLength: 3 })).map(([whole, blows]) => {
    const bytes = [...Buffer.from(whole)];
    for (const { where, how, byte } of blows) {
      const at = where % bytes.length;
      if (how === 'replace') bytes[at] = byte;
      else if (how === 'insert') bytes.splice(at, 0, byte);
      else if (how === 'remove') bytes.splice(at, 1);
      else bytes.splice(at, 0, bytes[at] ?? byte);
    }
    return Buffer.from(bytes);
  });
}
