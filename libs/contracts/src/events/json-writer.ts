import { Amount } from '#domain';
import type { z } from 'zod';
import { jsonString } from '../json-string.js';
import { storedAmount } from './stored-values.js';

/** Turns a value of the domain into JSON text, or throws `Unwritable`. */
type Writer = (value: unknown) => string;

/** A value that its schema does not describe: nothing may be stored that could not be read again. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
}

/**
 * Compiles a stored event's schema into a writer of its canonical JSON text: members in the order of the
 * schema, those of records by name, no white space, amounts as their one text. The same event is always the
 * same bytes, in whatever order its object was built. The schema version stands last, where reading can take it
 * off again without reshaping the object.
 */
export function compileEventWriter(schema: z.core.$ZodObject, version: number): Writer {
  return objectWriter(schema._zod.def.shape, `,"schemaVersion":${version}}`);
}

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
      const text = JSON.stringify(def.values[0]);
      const [expected] = def.values;
      return (value) => (value === expected ? text : refuse(value, text));
    }
    // The other pipes are texts that are checked when they are read (instants).
    case 'pipe':
      return compileWriter(def.in);
    case 'nullable': {
      const inner = compileWriter(def.innerType);
      return (value) => (value === null ? 'null' : inner(value));
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
    prefix: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    write: compileWriter(schema),
    optional: schema._zod.optin === 'optional',
  }));
  if (members[0]?.optional ?? true)
    throw new TypeError('the first member of a stored object must be required');
  return (value) => {
    if (typeof value !== 'object' || value === null) return refuse(value, 'an object');
    const record = value as Record<string, unknown>;
    let text = '';
    for (const { name, prefix, write, optional } of members) {
      const member = record[name];
      if (optional && member === undefined) continue;
      try {
        text += prefix + write(member);
      } catch (error) {
        throw at(name, error);
      }
    }
    return text + end;
  };
}

function unionWriter({ options, discriminator }: z.core.$ZodDiscriminatedUnionDef): Writer {
  const writers = new Map<unknown, Writer>();
  for (const option of options) {
    const write = compileWriter(option);
    for (const value of option._zod.propValues?.[discriminator] ?? []) writers.set(value, write);
  }
  return (value) => {
    if (typeof value !== 'object' || value === null) return refuse(value, 'an object');
    const kind = (value as Record<string, unknown>)[discriminator];
    const write = writers.get(kind);
    return write ? write(value) : refuse(kind, [...writers.keys()].join(' or '));
  };
}

function arrayWriter(write: Writer): Writer {
  return (value) => {
    if (!Array.isArray(value)) return refuse(value, 'a list');
    let text = '[';
    for (let index = 0; index < value.length; index++) {
      try {
        text += (index === 0 ? '' : ',') + write(value[index]);
      } catch (error) {
        throw at(String(index), error);
      }
    }
    return `${text}]`;
  };
}

function recordWriter(write: Writer): Writer {
  return (value) => {
    if (typeof value !== 'object' || value === null) return refuse(value, 'an object');
    const record = value as Record<string, unknown>;
    const names = Object.keys(record);
    if (names.length > 1) names.sort();
    return `{${names.map((name) => `${writeString(name)}:${write(record[name])}`).join(',')}}`;
  };
}

function writeString(value: unknown): string {
  if (typeof value !== 'string') return refuse(value, 'a text');
  return jsonString(value);
}

function writeAmount(value: unknown): string {
  if (value === Amount.zero) return '"0"';
  return value instanceof Amount ? `"${value.toString()}"` : refuse(value, 'an amount');
}

function writeInteger(value: unknown): string {
  return Number.isSafeInteger(value) ? String(value) : refuse(value, 'an integer');
}

function writeBoolean(value: unknown): string {
  return typeof value === 'boolean' ? String(value) : refuse(value, 'true or false');
}

function refuse(value: unknown, wanted: string): never {
  throw new Unwritable(`: must be ${wanted}, got ${value === null ? 'null' : typeof value}`);
}

function at(step: string, error: unknown): Unwritable {
  if (!(error instanceof Unwritable)) throw error;
  const separator = error.message.startsWith(':') ? '' : '.';
  return new Unwritable(`${step}${separator}${error.message}`);
}
