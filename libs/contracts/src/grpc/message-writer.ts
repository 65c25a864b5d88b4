import protobuf from 'protobufjs';
import { DELIMITED, MAP_ENTRY, tagOf, VARINT, type WireWriter } from '#wire';

/** Appends a message's fields. */
export type MessageWriter<Message extends object = object> = (message: Message, to: WireWriter) => void;

/** How a value is written, without its tag. */
interface Value {
  readonly wireType: number;
  readonly write: (value: unknown, to: WireWriter) => void;
}

/** A value that is not what the generated types say. */
class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

const HIGHEST: Readonly<Record<string, number>> = {
  int32: 2 ** 31 - 1,
  uint32: 2 ** 32 - 1,
  int64: Number.MAX_SAFE_INTEGER,
};

/**
 * Compiles a message type into a writer of the very bytes that proto-loader's serializer gives, without the copy of
 * the message and the list of operations that it makes of each first. What the generated types do not describe, and
 * negative numbers, are left to the library: it turns some into what they may have meant and throws for the rest.
 *
 * The bytes of several messages of one type, one after the other, are one message with the lists of all of them.
 * @throws TypeError for a type with a field of a kind that no writer knows
 */
export function compileMessageWriter(type: protobuf.Type): MessageWriter {
  const write = fieldsWriter(type, new Map());
  return (message, to) => {
    // As proto-loader: an empty message is never what was meant.
    if (Array.isArray(message)) throw new TypeError(`a list is no ${type.name}`);
    const { length } = to;
    try {
      write(message, to);
    } catch (error) {
      if (!(error instanceof NotPlain)) throw error;
      to.truncate(length);
      to.raw(type.encode(type.fromObject(message)).finish());
    }
  };
}

/** @param known the types met on the way, some of which contain themselves */
function fieldsWriter(type: protobuf.Type, known: Map<protobuf.Type, MessageWriter>): MessageWriter {
  let fields: MessageWriter = () => undefined;
  const write: MessageWriter = (message, to) => {
    fields(message, to);
  };
  known.set(type, write);
  const inOrder = [...type.fieldsArray].sort((a, b) => a.id - b.id);
  fields = compiled(inOrder.map((field) => memberOf(field.resolve(), known)));
  return write;
}

/** A member of a message, and how it is written when it is there. */
interface Member {
  readonly name: string;
  /** What is written before the value; undefined: `write` writes it itself. */
  readonly tag: number | undefined;
  readonly write: Value['write'];
}

/**
 * Compiled, so that the runtime knows in each place which member is read and who writes it: a loop over the members
 * takes a quarter longer.
 */
function compiled(members: readonly Member[]): MessageWriter {
  const lines = members.map(({ name, tag }, at) => {
    const write = `${tag === undefined ? '' : `to.varint(${tag}); `}write${at}(value${at}, to);`;
    return `const value${at} = message[${JSON.stringify(name)}];
      if (value${at} !== undefined && value${at} !== null) { ${write} }`;
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- there is nothing in it but names and numbers of our own schemas
  const bind = new Function(
    ...members.map((_, at) => `write${at}`),
    `return (message, to) => {\n${lines.join('\n')}\n}`,
  ) as (...writers: readonly Value['write'][]) => MessageWriter;
  return bind(...members.map(({ write }) => write));
}

function memberOf(field: protobuf.Field, known: Map<protobuf.Type, MessageWriter>): Member {
  const { name } = field;
  const value = valueOf(field, known);
  if (field.repeated || field instanceof protobuf.MapField)
    return { name, tag: undefined, write: listWriter(field, value) };
  return { name, tag: tagOf(field.id, value.wireType), write: value.write };
}

function listWriter(field: protobuf.Field, { wireType, write }: Value): Value['write'] {
  const tag = tagOf(field.id, wireType);
  const delimited = tagOf(field.id, DELIMITED);
  if (field instanceof protobuf.MapField) return mapWriter(field, delimited, { wireType, write });
  if (wireType === VARINT) {
    return (values, to) => {
      if (listOf(values).length === 0) return;
      to.varint(delimited);
      const start = to.begin();
      for (const value of listOf(values)) write(value, to);
      to.end(start);
    };
  }
  return (values, to) => {
    for (const value of listOf(values)) {
      to.varint(tag);
      write(value, to);
    }
  };
}

/** A list of pairs, as far as the bytes are concerned. */
function mapWriter(field: protobuf.MapField, tag: number, { wireType, write }: Value): Value['write'] {
  if (field.keyType !== 'string') throw new TypeError(`no writer for a map by ${field.keyType}`);
  return (value, to) => {
    const members = membersOf(value);
    for (const name of Object.keys(members)) {
      to.varint(tag);
      const start = to.begin();
      to.varint(tagOf(MAP_ENTRY.key, DELIMITED));
      to.text(name);
      to.varint(tagOf(MAP_ENTRY.value, wireType));
      write(members[name], to);
      to.end(start);
    }
  };
}

function valueOf(field: protobuf.Field, known: Map<protobuf.Type, MessageWriter>): Value {
  const { resolvedType, type } = field;
  if (resolvedType instanceof protobuf.Enum) return { wireType: VARINT, write: enumWriter(resolvedType) };
  if (resolvedType) {
    const write = known.get(resolvedType) ?? fieldsWriter(resolvedType, known);
    return { wireType: DELIMITED, write: nested(write) };
  }
  switch (type) {
    case 'string':
      return { wireType: DELIMITED, write: writeText };
    case 'bytes':
      return { wireType: DELIMITED, write: writeBytes };
    case 'bool':
      return { wireType: VARINT, write: writeBoolean };
    case 'int32':
    case 'uint32':
    case 'int64':
      return { wireType: VARINT, write: integerWriter(HIGHEST[type] ?? 0) };
    default:
      throw new TypeError(`no writer for a field of type ${type}: ${field.fullName}`);
  }
}

function nested(write: MessageWriter): Value['write'] {
  return (value, to) => {
    const message = membersOf(value);
    const start = to.begin();
    write(message, to);
    to.end(start);
  };
}

function enumWriter({ values }: protobuf.Enum): Value['write'] {
  const numbers = new Map<unknown, number>(Object.entries(values));
  return (value, to) => {
    const number = numbers.get(value);
    if (number === undefined) throw new NotPlain();
    to.varint(number);
  };
}

function integerWriter(highest: number): Value['write'] {
  return (value, to) => {
    if (typeof value !== 'number' || !(value >= 0 && value <= highest) || !Number.isInteger(value))
      throw new NotPlain();
    to.varint(value);
  };
}

function writeText(value: unknown, to: WireWriter): void {
  if (typeof value !== 'string') throw new NotPlain();
  to.text(value);
}

function writeBytes(value: unknown, to: WireWriter): void {
  if (!(value instanceof Uint8Array)) throw new NotPlain();
  to.bytes(value);
}

function writeBoolean(value: unknown, to: WireWriter): void {
  if (typeof value !== 'boolean') throw new NotPlain();
  to.varint(value ? 1 : 0);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new NotPlain();
  return value;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NotPlain();
  return value as Readonly<Record<string, unknown>>;
}
