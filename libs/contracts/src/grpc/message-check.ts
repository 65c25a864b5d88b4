import protobuf from 'protobufjs';
import { DELIMITED, MAP_ENTRY, VARINT } from '#wire';
import { wrongWireType } from './malformed-message.js';
import { lengthWithin, within } from './within.js';

/** What the bytes of a field have to be. */
interface Shape {
  readonly path: string;
  readonly wireType: number;
  /** Numbers of a list may stand there one by one, or all in one value. */
  readonly packable: boolean;
  /** The fields of a message, by their numbers. */
  readonly fields: Shapes | undefined;
}

type Shapes = ReadonlyMap<number, Shape>;

const WIRE_TYPE = 7;
const FIELD_NUMBER = 3;

/**
 * A check that the library leaves out, for a type of message: it takes every field for what the type says it is, whatever
 * stands there, and reads as much of a text as there is. So what was meant as something else would be a value.
 * @returns what throws MalformedMessage | RangeError | Error when the bytes are no message of this type
 */
export function compileMessageCheck(type: protobuf.Type): (bytes: Uint8Array) => void {
  const shapes = shapesOf(type, '');
  return (bytes) => check(protobuf.Reader.create(bytes), shapes);
}

function check(reader: protobuf.Reader, shapes: Shapes): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const wireType = tag & WIRE_TYPE;
    const shape = shapes.get(tag >>> FIELD_NUMBER);
    if (shape === undefined) {
      reader.skipType(wireType);
      continue;
    }
    const { path, packable, fields } = shape;
    if (wireType !== shape.wireType && !(packable && wireType === DELIMITED))
      throw wrongWireType(path, wireType);
    if (fields) within(reader, path, (inner) => check(inner, fields));
    else if (wireType === DELIMITED) reader.skip(lengthWithin(reader, path));
    else reader.skipType(wireType);
  }
}

function shapesOf(type: protobuf.Type, prefix: string): Shapes {
  return new Map(type.fieldsArray.map((field) => [field.id, shapeOf(field.resolve(), prefix)]));
}

function shapeOf(field: protobuf.Field, prefix: string): Shape {
  const path = prefix + protoName(field.name);
  const { resolvedType } = field;
  if (field instanceof protobuf.MapField) return { ...DELIMITED_ONLY, path, fields: entryOf(field, path) };
  if (resolvedType instanceof protobuf.Type)
    return { ...DELIMITED_ONLY, path, fields: shapesOf(resolvedType, `${path}.`) };
  const wireType = wireTypeOf(field.type);
  return { path, wireType, packable: field.repeated && wireType !== DELIMITED, fields: undefined };
}

const DELIMITED_ONLY = { wireType: DELIMITED, packable: false };

/** An entry of a map is a message of two fields; both go by the name of the map. */
function entryOf(field: protobuf.MapField, path: string): Shapes {
  const { resolvedType } = field;
  const key = { path, wireType: wireTypeOf(field.keyType), packable: false, fields: undefined };
  const value =
    resolvedType instanceof protobuf.Type
      ? { ...DELIMITED_ONLY, path, fields: shapesOf(resolvedType, `${path}.`) }
      : { path, wireType: wireTypeOf(field.type), packable: false, fields: undefined };
  return new Map([
    [MAP_ENTRY.key, key],
    [MAP_ENTRY.value, value],
  ]);
}

/** An enum's value is its number. */
function wireTypeOf(type: string): number {
  const known: Readonly<Record<string, number>> = protobuf.types.basic;
  return known[type] ?? VARINT;
}

/** The library knows fields by their names in JavaScript. */
function protoName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
