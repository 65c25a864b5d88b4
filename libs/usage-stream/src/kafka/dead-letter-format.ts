import type { Message } from 'kafkajs';

import type { DeadLetter, UsageMessage } from '../port.js';

export const REASON_HEADER = 'purser-reason';
export const DETAIL_HEADER = 'purser-detail';
export const ORIGIN_HEADER = 'purser-origin';
/** `1/3`: this record holds a part of a dead letter that was too large for one. */
export const PART_HEADER = 'purser-part';

/** What the names of all of these, and of those to come, begin with. */
const OUR_HEADERS = 'purser-';

/** The detail quotes what was wrong, and what was wrong may be a megabyte. */
const MAX_DETAIL_CHARACTERS = 1000;

type Headers = Record<string, Buffer | string | (Buffer | string)[]>;

/** The message that was to be processed, given back byte for byte. */
export interface ReadDeadLetter {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Of the original message, without those that say why it is here. */
  readonly headers: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[]>>;
  readonly reason: string;
  readonly detail: string;
  /** topic/partition/offset */
  readonly origin: string;
}

function why(letter: DeadLetter): Headers {
  const { reason, detail, origin } = letter;
  const shown =
    detail.length <= MAX_DETAIL_CHARACTERS ? detail : `${detail.slice(0, MAX_DETAIL_CHARACTERS)}…`;
  return { [REASON_HEADER]: reason, [DETAIL_HEADER]: shown, [ORIGIN_HEADER]: origin };
}

/** Headers as kafkajs takes them. */
export function copyOfHeaders(headers: UsageMessage['headers']): Headers {
  const copy = Object.create(null) as Headers;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    copy[name] = typeof value === 'string' || Buffer.isBuffer(value) ? value : [...value];
  }
  return copy;
}

/**
 * One record with the original bytes, key and headers, and the headers that say why. Where an original header could be
 * taken for one of those, it is the only part there is, with the original headers inside.
 */
export function toRecord(letter: DeadLetter): Message {
  const { key, value, headers } = letter.message;
  if (Object.keys(headers).some((name) => name.startsWith(OUR_HEADERS)))
    return partOf(letter, wholeOf(letter), 1, 1);
  return { key, value, headers: { ...copyOfHeaders(headers), ...why(letter) } };
}

/**
 * The same in several records of at most about `partBytes`, for a topic that refuses the one: key, value and headers
 * of the original in one JSON text, cut into pieces, all with the origin as their key, so that they stay together.
 */
export function toParts(letter: DeadLetter, partBytes: number): Message[] {
  const whole = wholeOf(letter);
  const count = Math.ceil(whole.length / partBytes);
  return Array.from({ length: count }, (_, index) =>
    partOf(letter, whole.subarray(index * partBytes, (index + 1) * partBytes), index + 1, count),
  );
}

function wholeOf({ message: { key, value, headers } }: DeadLetter): Buffer {
  return Buffer.from(
    JSON.stringify({
      key: key?.toString('base64') ?? null,
      value: value?.toString('base64') ?? null,
      headers: Object.entries(copyOfHeaders(headers)).map(([name, content]) => [name, encodeHeader(content)]),
    }),
  );
}

function partOf(letter: DeadLetter, value: Buffer, number: number, count: number): Message {
  return { key: letter.origin, value, headers: { ...why(letter), [PART_HEADER]: `${number}/${count}` } };
}

const encodeHeader = (content: Headers[string]): string | string[] =>
  Array.isArray(content)
    ? content.map((one) => Buffer.from(one).toString('base64'))
    : Buffer.from(content).toString('base64');

/** A record of the dead-letter topic as a consumer receives it. */
export interface DeadLetterRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?:
    Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>> | undefined;
}

const text = (record: DeadLetterRecord, name: string): string | undefined => {
  const value = record.headers?.[name];
  return value === undefined || Array.isArray(value) ? undefined : value.toString();
};

/** `3/7`, without room for numbers that only somebody else could have written. */
const PART_PATTERN = /^(\d{1,6})\/(\d{1,6})$/;

/** Parts that wait for others, at most: four of the largest letters. */
const MAX_WAITING_BYTES = 4 * 64 * 1_048_576;

/** A letter of which parts are missing. */
interface Waiting {
  readonly parts: Map<number, Buffer>;
  bytes: number;
}

/** Reads the dead-letter topic back, in the order of its partitions; joins what was stored in parts. */
export class DeadLetterReader {
  readonly #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;
  #givenUp = 0;
  #strange = 0;

  /** @param maxWaitingBytes beyond it the letter that has waited longest is given up */
  constructor(private readonly maxWaitingBytes = MAX_WAITING_BYTES) {}

  /** @returns the letter this record completes; undefined while parts are missing or when it is no dead letter */
  read(record: DeadLetterRecord): ReadDeadLetter | undefined {
    const [reason, origin] = [text(record, REASON_HEADER), text(record, ORIGIN_HEADER)];
    if (reason === undefined || origin === undefined) return this.#stranger();
    const about = { reason, origin, detail: text(record, DETAIL_HEADER) ?? '' };
    const part = text(record, PART_HEADER);
    if (part !== undefined) return this.#join(record, part, about);
    return { ...about, key: record.key, value: record.value, headers: withoutWhy(record) };
  }

  /** Letters of which parts are still missing, those given up included. */
  get incomplete(): number {
    return this.#waiting.size + this.#givenUp;
  }

  /** Records that were no dead letters. */
  get strange(): number {
    return this.#strange;
  }

  #stranger(): ReadDeadLetter | undefined {
    this.#strange += 1;
    return undefined;
  }

  #join(
    record: DeadLetterRecord,
    part: string,
    about: Pick<ReadDeadLetter, 'reason' | 'detail' | 'origin'>,
  ): ReadDeadLetter | undefined {
    const [, number, count] = (PART_PATTERN.exec(part) ?? []).map(Number);
    if (number === undefined || count === undefined || number < 1 || number > count) return this.#stranger();
    // The same letter may have been cut again in another size after a failure: the count tells them apart.
    const id = `${about.origin} ${count}`;
    const letter = this.#waiting.get(id) ?? { parts: new Map<number, Buffer>(), bytes: 0 };
    this.#keep(letter, number, record.value ?? Buffer.alloc(0));
    this.#waiting.set(id, letter);
    if (letter.parts.size < count) {
      this.#giveUpOldest();
      return undefined;
    }
    this.#forget(id, letter);
    const inOrder = [...letter.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    const whole = decodeWhole(Buffer.concat(inOrder));
    return whole ? { ...about, ...whole } : this.#stranger();
  }

  #keep(letter: Waiting, number: number, bytes: Buffer): void {
    const more = bytes.length - (letter.parts.get(number)?.length ?? 0);
    letter.parts.set(number, bytes);
    letter.bytes += more;
    this.#waitingBytes += more;
  }

  #forget(id: string, { bytes }: Waiting): void {
    this.#waiting.delete(id);
    this.#waitingBytes -= bytes;
  }

  #giveUpOldest(): void {
    for (const [id, letter] of this.#waiting) {
      if (this.#waitingBytes <= this.maxWaitingBytes || this.#waiting.size === 1) return;
      this.#forget(id, letter);
      this.#givenUp += 1;
    }
  }
}

function withoutWhy(record: DeadLetterRecord): ReadDeadLetter['headers'] {
  const mine = new Set([REASON_HEADER, DETAIL_HEADER, ORIGIN_HEADER, PART_HEADER]);
  const headers = Object.create(null) as Record<string, Buffer | string | readonly (Buffer | string)[]>;
  for (const [name, value] of Object.entries(record.headers ?? {})) {
    if (value !== undefined && !mine.has(name)) headers[name] = value;
  }
  return headers;
}

interface Whole {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | readonly string[]])[];
}

/** Undefined: somebody else wrote it. */
function decodeWhole(bytes: Buffer): Pick<ReadDeadLetter, 'key' | 'value' | 'headers'> | undefined {
  try {
    return contentOf(JSON.parse(bytes.toString()) as Whole);
  } catch {
    return undefined;
  }
}

function contentOf(whole: Whole): Pick<ReadDeadLetter, 'key' | 'value' | 'headers'> {
  const decode = (content: string | null): Buffer | null =>
    content === null ? null : Buffer.from(content, 'base64');
  const headers = Object.create(null) as Record<string, Buffer | readonly Buffer[]>;
  for (const [name, content] of whole.headers) {
    headers[name] =
      typeof content === 'string'
        ? Buffer.from(content, 'base64')
        : content.map((one) => Buffer.from(one, 'base64'));
  }
  return { key: decode(whole.key), value: decode(whole.value), headers };
}
