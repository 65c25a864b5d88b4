import type protobuf from 'protobufjs';
import { cutShort } from './malformed-message.js';

/**
 * Reads a message inside another one, none of whose fields may reach beyond its end.
 * @throws MalformedMessage when the message it is in ends before
 */
export function within<Message>(
  reader: protobuf.Reader,
  path: string,
  read: (reader: protobuf.Reader) => Message,
): Message {
  const { len } = reader;
  const length = lengthWithin(reader, path);
  reader.len = reader.pos + length;
  try {
    return read(reader);
  } finally {
    reader.len = len;
  }
}

/** How long the value is that comes next. The library would read a text that is cut short as far as it goes. */
export function lengthWithin(reader: protobuf.Reader, path: string): number {
  const length = reader.uint32();
  const left = reader.len - reader.pos;
  if (length > left) throw cutShort(path, length, left);
  return length;
}
