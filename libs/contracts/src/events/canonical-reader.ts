import { Amount, isInstant } from '#domain';
import type { z } from 'zod';
import { EventBytes } from './event-bytes.js';
import { UNREAD } from './json-reader.js';
import { ObjectBuilders } from './object-builders.js';
import { storedAmount, storedInstant } from './stored-values.js';
import { COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT } from '../json-marks.js';

/** Reads the domain's value for what stands at the reading point, or gives `UNREAD`. */
type Reader = (from: EventBytes) => unknown;

/**
 * Compiles a stored event's schema into a reader of its canonical bytes, as `compileEventWriter` writes them: names are
 * only compared, never read, and what stands in most events is known already. Gives what the schema gives.
 *
 * Vouches for no other spelling of the same event and not for every rare one of its canonical form (escapes, integers
 * of sixteen digits): what it calls `UNREAD` is for `JSON.parse` and the readers behind it to judge.
 *
 * @throws TypeError for a schema with a kind or a check that no reader knows
 */
export function compileCanonicalReader(
  schema: z.core.$ZodObject,
  version: number,
): (data: Uint8Array) => unknown {
  const read = objectReader(schema._zod.def.shape, `,"schemaVersion":${version}}`);
  return (data) => {
    bytes.restart(data);
    const event = read(bytes);
    const { atEnd } = bytes;
    bytes.release();
    return atEnd ? event : UNREAD;
  };
}

/** Reading waits for nothing, so one is enough for all. */
const bytes = new EventBytes();

function compileReader(schema: z.core.$ZodType): Reader {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def === storedAmount._zod.def) return textReader(amountOf, latestAmount);
  if (def === storedInstant._zod.def) return textReader(instantOf, latestInstant);
  if ((def.checks ?? []).length > 0 || 'coerce' in def)
    throw new TypeError(`no reader for a ${def.type} with rules of its own`);
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- only the kinds that stored events are made of
  switch (def.type) {
    case 'string':
      return textReader((text) => text);
    case 'number':
      if (!('format' in def) || def.format !== 'safeint')
        throw new TypeError('no reader for numbers but integers');
      return (from) => from.integer() ?? UNREAD;
    case 'boolean':
      return (from) => (from.has(TRUE) ? true : from.has(FALSE) ? false : UNREAD);
    case 'literal': {
      const [only] = def.values;
      if (def.values.length > 1) throw new TypeError('no reader for literals of several values');
      const json = Buffer.from(JSON.stringify(only));
      return (from) => (from.has(json) ? only : UNREAD);
    }
    case 'enum': {
      const values: readonly unknown[] = Object.values(def.entries);
      return textReader((text) => (values.includes(text) ? text : UNREAD));
    }
    case 'nullable': {
      const inner = compileReader(def.innerType);
      return (from) => (from.has(NULL) ? null : inner(from));
    }
    case 'optional':
      return compileReader(def.innerType);
    case 'array':
      return arrayReader(compileReader(def.element));
    case 'record': {
      const name = def.keyType._zod.def;
      if (name.type !== 'string' || (name.checks ?? []).length > 0)
        throw new TypeError('no reader for records whose names are checked');
      return recordReader(compileReader(def.keyType), compileReader(def.valueType));
    }
    case 'object':
      if (def.catchall?._zod.def.type !== 'never')
        throw new TypeError('no reader for objects that may have other members');
      return objectReader(def.shape);
    case 'union':
      return firstOf(def.options.map(compileReader));
    default:
      throw new TypeError(`no reader for a schema of type ${def.type}`);
  }
}

function objectReader(shape: z.core.$ZodShape, end = '}'): Reader {
  const names = Object.keys(shape);
  const prefixes = names.map((name, index) =>
    Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
  );
  const readers = Object.values(shape).map(compileReader);
  const endBytes = Buffer.from(end);
  const optional = Object.values(shape).map((schema) => schema._zod.optin === 'optional');
  const builders = new ObjectBuilders(names);
  const values: unknown[] = names.map(() => undefined);
  return (from) => {
    let leftOut = 0;
    for (let index = 0; index < prefixes.length; index++) {
      const prefix = prefixes[index];
      const read = readers[index];
      if (prefix === undefined || read === undefined) return UNREAD;
      if (!from.has(prefix)) {
        if (optional[index] !== true) return UNREAD;
        leftOut |= 1 << index;
        continue;
      }
      const value = read(from);
      if (value === UNREAD) return UNREAD;
      values[index] = value;
    }
    return from.has(endBytes) ? builders.without(leftOut)(values) : UNREAD;
  };
}

/** What tells the options apart is looked at by their readers: at most one accepts. */
function firstOf(options: readonly Reader[]): Reader {
  return (from) => {
    const { at } = from;
    for (const read of options) {
      from.at = at;
      const value = read(from);
      if (value !== UNREAD) return value;
    }
    return UNREAD;
  };
}

function arrayReader(read: Reader): Reader {
  return (from) => {
    if (!from.hasByte(OPEN_LIST)) return UNREAD;
    const elements: unknown[] = [];
    if (from.hasByte(CLOSE_LIST)) return elements;
    do {
      const element = read(from);
      if (element === UNREAD) return UNREAD;
      elements.push(element);
    } while (from.hasByte(COMMA));
    return from.hasByte(CLOSE_LIST) ? elements : UNREAD;
  };
}

/** Names with a meaning of their own in JavaScript are left to the schema. */
const OF_THE_LANGUAGE = new Set<unknown>(['__proto__', 'constructor']);

function recordReader(readName: Reader, read: Reader): Reader {
  return (from) => {
    if (!from.hasByte(OPEN_OBJECT)) return UNREAD;
    const members: Record<string, unknown> = {};
    if (from.hasByte(CLOSE_OBJECT)) return members;
    do {
      const name = readName(from);
      if (typeof name !== 'string' || OF_THE_LANGUAGE.has(name) || !from.hasByte(COLON)) return UNREAD;
      const value = read(from);
      if (value === UNREAD) return UNREAD;
      members[name] = value;
    } while (from.hasByte(COMMA));
    return from.hasByte(CLOSE_OBJECT) ? members : UNREAD;
  };
}

/** A text that has been read, and what it says. */
interface Known {
  text: string | undefined;
  value: unknown;
}

/** Longer texts are not kept, and none that is not the same in bytes and in characters. */
const MAX_KNOWN_LENGTH = 64;

/**
 * Remembers the text that stood in the event before, as most members say the same from event to event, and looks at the
 * latest of its kind, as an event says some things twice.
 */
function textReader(valueOf: (text: string) => unknown, latest?: Known): Reader {
  const own: Known = { text: undefined, value: undefined };
  return (from) => {
    if (own.text !== undefined && from.hasText(own.text)) return own.value;
    let text: string | undefined;
    let value: unknown;
    if (latest?.text !== undefined && from.hasText(latest.text)) {
      ({ text, value } = latest);
    } else {
      text = from.text();
      if (text === undefined) return UNREAD;
      value = valueOf(text);
      if (value === UNREAD || text.length > MAX_KNOWN_LENGTH || !from.ascii) return value;
      if (latest !== undefined) {
        latest.text = text;
        latest.value = value;
      }
    }
    own.text = text;
    own.value = value;
    return value;
  };
}

const latestAmount: Known = { text: undefined, value: undefined };
const latestInstant: Known = { text: undefined, value: undefined };

function amountOf(text: string): unknown {
  return Amount.tryParse(text) ?? UNREAD;
}

function instantOf(text: string): unknown {
  return isInstant(text) ? text : UNREAD;
}

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
