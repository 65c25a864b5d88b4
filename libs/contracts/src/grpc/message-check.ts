import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs';
import { DELIMITED, MAP_ENTRY, VARINT } from '#wire';
import { notUtf8, wrongWireType } from './malformed-message.js';
import { lengthWithin, within } from './within.js';

/** What the bytes of a field have to be. */
interface Shape {
  readonly path: string;
  readonly wireType: number;
  /** Numbers of a list may stand there one by one, or all in one value. */
  readonly packable: boolean;
  readonly isText: boolean;
  /** The fields of a message, by their numbers. */
  readonly fields: Shapes | undefined;
}

type Shapes = ReadonlyMap<number, Shape>;

const WIRE_TYPE = 7;
const FIELD_NUMBER = 3;
const LAST_ASCII = 0x7f;

/**
 * A check that the library leaves out, for a type of message: it takes every field for what the type says it is, whatever
 * stands there, reads as much of a text as there is, and has one character for all bytes that are none. So what was meant as something
 * else would be a value.
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
    const { path, packable, isText, fields } = shape;
    if (wireType !== shape.wireType && !(packable && wireType === DELIMITED))
      throw wrongWireType(path, wireType);
    if (fields) within(reader, path, (inner) => check(inner, fields));
    else if (isText) checkText(reader, path);
    else if (wireType === DELIMITED) reader.skip(lengthWithin(reader, path));
    else reader.skipType(wireType);
  }
}

function checkText(reader: protobuf.Reader, path: string): void {
  const length = lengthWithin(reader, path);
  const begin = reader.pos;
  reader.skip(length);
  for (let at = begin; at < reader.pos; at += 1) {
    if ((reader.buf[at] ?? 0) <= LAST_ASCII) continue;
    // Nearly all are names in ASCII, for which a view would cost more than looking.
    if (!isUtf8(reader.buf.subarray(at, reader.pos))) throw notUtf8(path);
    return;
  }
}

function shapesOf(type: protobuf.Type, prefix: string): Shapes {
  return new Map(type.fieldsArray.map((field) => [field.id, shapeOf(field.resolve(), prefix)]));
}

function shapeOf(field: protobuf.Field, prefix: string): Shape {
  const path = prefix + protoName(field.name);
  if (field instanceof protobuf.MapField) return message(path, entryOf(field, path));
  const { resolvedType: type } = field;
  return type instanceof protobuf.Type
    ? message(path, shapesOf(type, `${path}.`))
    : scalar(path, field.type, field.repeated);
}

/** An entry of a map is a message of two fields; both go by the name of the map. */
function entryOf(field: protobuf.MapField, path: string): Shapes {
  const { resolvedType: type } = field;
  const value =
    type instanceof protobuf.Type
      ? message(path, shapesOf(type, `${path}.`))
      : scalar(path, field.type, false);
  return new Map([
    [MAP_ENTRY.key, scalar(path, field.keyType, false)],
    [MAP_ENTRY.value, value],
  ]);
}

function message(path: string, fields: Shapes): Shape {
  return { path, wireType: DELIMITED, packable: false, isText: false, fields };
}

function scalar(path: string, type: string, repeated: boolean): Shape {
  const wireType = wireTypeOf(type);
  const packable = repeated && wireType !== DELIMITED;
  return { path, wireType, packable, isText: type === 'string', fields: undefined };
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
