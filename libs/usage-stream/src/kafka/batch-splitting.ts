import type { Message } from 'kafkajs';

const lengthOf = (value: Buffer | string | null | undefined): number =>
  value === null || value === undefined
    ? 0
    : typeof value === 'string'
      ? Buffer.byteLength(value)
      : value.length;

/** Sent together at most: below the limit of a topic nobody has configured (1 MiB). */
export const BATCH_BYTES = 768 * 1024;

/** A request may have 100 MiB at most; the broker closes the connection on anything larger, without a word. */
export const LARGEST_MESSAGE_BYTES = 48 * 1_048_576;

/** Length fields, offset and time of one record, generously. */
const RECORD_OVERHEAD_BYTES = 48;

/** Length fields of one header. */
const HEADER_OVERHEAD_BYTES = 10;

/** What one message adds to a record batch, at most. */
export function messageBytes({ key, value, headers = {} }: Message): number {
  let bytes = RECORD_OVERHEAD_BYTES + lengthOf(key) + lengthOf(value);
  for (const name of Object.keys(headers)) {
    const content = headers[name];
    const each = Buffer.byteLength(name) + HEADER_OVERHEAD_BYTES;
    if (Array.isArray(content)) for (const one of content) bytes += each + lengthOf(one);
    else bytes += each + lengthOf(content);
  }
  return bytes;
}

/**
 * Cuts a list of messages into runs of at most `maxBytes`, in order; a larger message is a run of its own.
 * A broker bounds the record batch, not the message, so what is sent together has to be bounded here.
 */
export function splitByBytes<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  maxBytes: number = BATCH_BYTES,
): T[][] {
  const runs: T[][] = [];
  let run: T[] = [];
  let size = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    if (run.length > 0 && size + bytes > maxBytes) {
      runs.push(run);
      run = [];
      size = 0;
    }
    run.push(item);
    size += bytes;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
