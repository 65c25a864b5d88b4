import { Amount, isInstant } from '#domain';
import type { z } from 'zod';
import { storedAmount, storedInstant } from './stored-values.js';

/** What a reader answers when it will not vouch for a value: its schema is to be asked. */
export const UNREAD = Symbol('unread');

/** Gives the domain's value for one out of `JSON.parse`, or `UNREAD`. */
type Reader = (value: unknown) => unknown;

/**
 * Compiles a stored event's schema into a reader of what `JSON.parse` made of its canonical text. Everything the
 * schema checks is checked, and the same value comes out; but where the schema explains what is wrong, the reader
 * only answers `UNREAD`, also for the few texts that the schema takes and nobody writes (members in another order).
 *
 * What is handed over is changed in place, even when it turns out unreadable: it must be fresh from the parser, and
 * must be parsed again for the schema to look at.
 *
 * @throws TypeError for a schema with a kind or a check that no reader knows
 */
export function compileEventReader(schema: z.core.$ZodObject): Reader {
  return compileReader(schema);
}

function compileReader(schema: z.core.$ZodType): Reader {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def === storedAmount._zod.def) return readAmount;
  if (def === storedInstant._zod.def) return readInstant;
  if ((def.checks ?? []).length > 0 || 'coerce' in def)
    throw new TypeError(`no reader for a ${def.type} with rules of its own`);
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- only the kinds that stored events are made of
  switch (def.type) {
    case 'string':
      return readString;
    case 'number':
      if (!('format' in def) || def.format !== 'safeint')
        throw new TypeError('no reader for numbers but integers');
      return readInteger;
    case 'boolean':
      return readBoolean;
    case 'literal':
      return oneOf(def.values);
    case 'enum':
      return oneOf(Object.values(def.entries));
    case 'nullable': {
      const inner = compileReader(def.innerType);
      return (value) => (value === null ? null : inner(value));
    }
    // Whether a member may be left out is looked at by the object's reader; JSON knows no undefined.
    case 'optional':
      return compileReader(def.innerType);
    case 'array':
      return arrayReader(compileReader(def.element));
    case 'record':
      if (compileReader(def.keyType) !== readString)
        throw new TypeError('no reader for records whose names are checked');
      return recordReader(compileReader(def.valueType));
    case 'object':
      if (def.catchall?._zod.def.type !== 'never')
        throw new TypeError('no reader for objects that may have other members');
      return objectReader(def.shape);
    case 'union':
      return unionReader(def as z.core.$ZodDiscriminatedUnionDef);
    default:
      throw new TypeError(`no reader for a schema of type ${def.type}`);
  }
}

/** Members must come in the order of the schema, as they are written. */
function objectReader(shape: z.core.$ZodShape): Reader {
  const names = Object.keys(shape);
  const readers = Object.values(shape).map(compileReader);
  const optional = Object.values(shape).map((schema) => schema._zod.optin === 'optional');
  return (value) => {
    if (typeof value !== 'object' || value === null) return UNREAD;
    const members = value as Record<string, unknown>;
    let at = 0;
    for (const name in members) {
      while (names[at] !== name && optional[at] === true) at += 1;
      const read = names[at] === name ? readers[at] : undefined;
      if (read === undefined) return UNREAD;
      const given = members[name];
      const result = read(given);
      if (result === UNREAD) return UNREAD;
      if (result !== given) members[name] = result;
      at += 1;
    }
    while (optional[at] === true) at += 1;
    return at === names.length ? members : UNREAD;
  };
}

function unionReader({ options, discriminator }: z.core.$ZodDiscriminatedUnionDef): Reader {
  const readers = new Map<unknown, Reader>();
  for (const option of options) {
    const values = option._zod.propValues?.[discriminator];
    if (values === undefined) throw new TypeError('no reader for a union that nothing tells apart');
    const read = compileReader(option);
    for (const kind of values) readers.set(kind, read);
  }
  return (value) => {
    if (typeof value !== 'object' || value === null) return UNREAD;
    const read = readers.get((value as Record<string, unknown>)[discriminator]);
    return read === undefined ? UNREAD : read(value);
  };
}

function arrayReader(read: Reader): Reader {
  return (value) => {
    if (!Array.isArray(value)) return UNREAD;
    const elements: unknown[] = value;
    for (let index = 0; index < elements.length; index++) {
      const given = elements[index];
      const result = read(given);
      if (result === UNREAD) return UNREAD;
      if (result !== given) elements[index] = result;
    }
    return elements;
  };
}

/** Names with a meaning of their own in JavaScript are left to the schema. */
const OF_THE_LANGUAGE = new Set(['__proto__', 'constructor']);

function recordReader(read: Reader): Reader {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return UNREAD;
    const members = value as Record<string, unknown>;
    for (const name in members) {
      if (OF_THE_LANGUAGE.has(name)) return UNREAD;
      const given = members[name];
      const result = read(given);
      if (result === UNREAD) return UNREAD;
      if (result !== given) members[name] = result;
    }
    return members;
  };
}

function oneOf(values: readonly unknown[]): Reader {
  const [only] = values;
  if (values.length === 1) return (value) => (value === only ? value : UNREAD);
  return (value) => (values.includes(value) ? value : UNREAD);
}

function readString(value: unknown): unknown {
  return typeof value === 'string' ? value : UNREAD;
}

function readAmount(value: unknown): unknown {
  return typeof value === 'string' ? (Amount.tryParse(value) ?? UNREAD) : UNREAD;
}

function readInstant(value: unknown): unknown {
  return typeof value === 'string' && isInstant(value) ? value : UNREAD;
}

function readInteger(value: unknown): unknown {
  return Number.isSafeInteger(value) ? value : UNREAD;
}

function readBoolean(value: unknown): unknown {
  return typeof value === 'boolean' ? value : UNREAD;
}
