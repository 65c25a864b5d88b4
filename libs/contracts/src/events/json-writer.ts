import { Amount } from '#domain';
import type { z } from 'zod';
import { JsonBytes } from '../json-bytes.js';
import { storedAmount } from './stored-values.js';
import { COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT } from '../json-marks.js';

/** Writes a value of the domain as JSON, or throws `Unwritable`. */
type Writer = (value: unknown, out: JsonBytes) => void;

/** A value that its schema does not describe: nothing may be stored that could not be read again. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
}

/**
 * Compiles a stored event's schema into a writer of its canonical JSON text as UTF-8: members in the order of the
 * schema, those of records by name, no white space, amounts as their one text. The same event is always the
 * same bytes, in whatever order its object was built. The schema version stands last, where reading can take it
 * off again without reshaping the object.
 */
export function compileEventWriter(
  schema: z.core.$ZodObject,
  version: number,
): (value: unknown) => Uint8Array {
  const write = objectWriter(schema._zod.def.shape, `,"schemaVersion":${version}}`);
  return (value) => {
    // Whatever a writer that threw has left behind is forgotten here.
    bytes.restart();
    write(value, bytes);
    return bytes.take();
  };
}

/** Writing waits for nothing, so one is enough for all. */
const bytes = new JsonBytes();

function compileWriter(schema: z.core.$ZodType): Writer {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def === storedAmount._zod.def) return writeAmount;
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- only the kinds that stored events are made of
  switch (def.type) {
    case 'string':
    case 'enum':
      return writeString;
    case 'number':
      return writeInteger;
    case 'boolean':
      return writeBoolean;
    case 'literal': {
      const [expected] = def.values;
      const text = JSON.stringify(expected);
      const json = Buffer.from(text);
      return (value, out) => {
        if (value !== expected) refuse(value, text);
        out.raw(json);
      };
    }
    // The other pipes are texts that are checked when they are read (instants).
    case 'pipe':
      return compileWriter(def.in);
    case 'nullable': {
      const inner = compileWriter(def.innerType);
      return (value, out) => {
        if (value === null) out.raw(NULL);
        else inner(value, out);
      };
    }
    // Whether a member may be left out is looked at by the object's writer.
    case 'optional':
      return compileWriter(def.innerType);
    case 'array':
      return arrayWriter(compileWriter(def.element));
    case 'record':
      return recordWriter(compileWriter(def.valueType));
    case 'object':
      return objectWriter(def.shape);
    case 'union':
      return unionWriter(def as z.core.$ZodDiscriminatedUnionDef);
    default:
      throw new TypeError(`no writer for a schema of type ${def.type}`);
  }
}

function objectWriter(shape: z.core.$ZodShape, end = '}'): Writer {
  const members = Object.entries(shape).map(([name, schema], index) => ({
    name,
    prefix: Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    write: compileWriter(schema),
    optional: schema._zod.optin === 'optional',
  }));
  if (members[0]?.optional ?? true)
    throw new TypeError('the first member of a stored object must be required');
  const endBytes = Buffer.from(end);
  return (value, out) => {
    if (typeof value !== 'object' || value === null) refuse(value, 'an object');
    const record = value as Record<string, unknown>;
    let step = '';
    try {
      for (const { name, prefix, write, optional } of members) {
        const member = record[name];
        if (optional && member === undefined) continue;
        step = name;
        out.raw(prefix);
        write(member, out);
      }
    } catch (error) {
      throw at(step, error);
    }
    out.raw(endBytes);
  };
}

function unionWriter({ options, discriminator }: z.core.$ZodDiscriminatedUnionDef): Writer {
  const writers = new Map<unknown, Writer>();
  for (const option of options) {
    const write = compileWriter(option);
    for (const value of option._zod.propValues?.[discriminator] ?? []) writers.set(value, write);
  }
  return (value, out) => {
    if (typeof value !== 'object' || value === null) refuse(value, 'an object');
    const kind = (value as Record<string, unknown>)[discriminator];
    const write = writers.get(kind) ?? refuse(kind, [...writers.keys()].join(' or '));
    write(value, out);
  };
}

function arrayWriter(write: Writer): Writer {
  return (value, out) => {
    if (!Array.isArray(value)) refuse(value, 'a list');
    const elements = value as unknown[];
    let index = 0;
    out.ascii(OPEN_LIST);
    try {
      for (; index < elements.length; index++) {
        if (index > 0) out.ascii(COMMA);
        write(elements[index], out);
      }
    } catch (error) {
      throw at(String(index), error);
    }
    out.ascii(CLOSE_LIST);
  };
}

function recordWriter(write: Writer): Writer {
  return (value, out) => {
    if (typeof value !== 'object' || value === null) refuse(value, 'an object');
    const record = value as Record<string, unknown>;
    const names = Object.keys(record);
    if (names.length > 1) names.sort();
    out.ascii(OPEN_OBJECT);
    for (let index = 0; index < names.length; index++) {
      const name = names[index] ?? '';
      if (index > 0) out.ascii(COMMA);
      out.text(name);
      out.ascii(COLON);
      write(record[name], out);
    }
    out.ascii(CLOSE_OBJECT);
  };
}

const NULL = Buffer.from('null');
const ZERO = Buffer.from('"0"');

function writeString(value: unknown, out: JsonBytes): void {
  if (typeof value !== 'string') refuse(value, 'a text');
  out.text(value);
}

function writeAmount(value: unknown, out: JsonBytes): void {
  if (value === Amount.zero) out.raw(ZERO);
  else if (value instanceof Amount) out.text(value.toString());
  else refuse(value, 'an amount');
}

function writeInteger(value: unknown, out: JsonBytes): void {
  if (!Number.isSafeInteger(value)) refuse(value, 'an integer');
  out.json(String(value));
}

function writeBoolean(value: unknown, out: JsonBytes): void {
  if (typeof value !== 'boolean') refuse(value, 'true or false');
  out.json(String(value));
}

function refuse(value: unknown, wanted: string): never {
  throw new Unwritable(`: must be ${wanted}, got ${value === null ? 'null' : typeof value}`);
}

function at(step: string, error: unknown): Unwritable {
  if (!(error instanceof Unwritable)) throw error;
  const separator = error.message.startsWith(':') ? '' : '.';
  return new Unwritable(`${step}${separator}${error.message}`);
}
