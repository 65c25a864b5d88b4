import { hash } from 'node:crypto';
import { eventIdOf } from './event-id.js';

/** What a link covers: an event, its content and its place. */
export interface ChainedContent {
  readonly stream: string;
  /** Contiguous from 0. */
  readonly revision: number;
  readonly type: string;
  /** The bytes as stored. */
  readonly data: Uint8Array;
}

/** What the metadata of an event says of its place in the chain; hashes are 64 lower-case hex digits. */
export interface ChainLink {
  readonly previous: string;
  readonly hash: string;
}

export interface ChainedEvent extends ChainLink {
  /** The event's id: made of the hash, and so of the whole content and place of the event. */
  readonly id: string;
  /** UTF-8 of `{"schema":1,"previous":"…","hash":"…"}`. */
  readonly metadata: Uint8Array;
}

/** Stands before the first event of every stream. */
export const GENESIS_HASH = '0'.repeat(64);

const METADATA_SCHEMA = 1;
const HASH_BYTES = 32;

/** Metadata that does not say where in the chain its event stands. A defect, never skipped. */
export class MetadataInvalid extends Error {
  override readonly name = 'MetadataInvalid';
}

/**
 * Hash of an event that follows the one with hash `previous`: SHA-256 over the previous hash as 32 raw bytes,
 * the UTF-8 of `stream \n revision \n type \n`, and the data bytes as stored. See schemas/hash-chain.md.
 */
export function chainHash(previous: string, { stream, revision, type, data }: ChainedContent): string {
  const room = HASH_BYTES + BYTES_PER_UNIT * (stream.length + type.length) + REVISION_BYTES + data.length;
  const bytes = room <= covered.length ? covered : Buffer.allocUnsafeSlow(room);
  if (bytes.write(previous, 'hex') !== HASH_BYTES || previous.length !== 2 * HASH_BYTES) {
    throw new RangeError(`not a hash of 64 hex digits: ${JSON.stringify(previous.slice(0, 80))}`);
  }
  const dataAt = HASH_BYTES + bytes.write(`${stream}\n${revision}\n${type}\n`, HASH_BYTES);
  bytes.set(data, dataAt);
  return hash('sha256', bytes.subarray(0, dataAt + data.length), 'hex');
}

/** The most bytes of UTF-8 for a code unit of UTF-16. */
const BYTES_PER_UNIT = 3;

/** Room for the digits of any revision, and for what ends the lines. */
const REVISION_BYTES = 32;

/** What a hash covers, one event after the other: nearly all are far smaller. */
const covered = Buffer.allocUnsafeSlow(16 * 1024);

/** Chains an event to the one before it (`GENESIS_HASH` for the first of a stream). */
export function chainEvent(previous: string, content: ChainedContent): ChainedEvent {
  const own = chainHash(previous, content);
  const metadata = Buffer.allocUnsafe(METADATA_BYTES);
  metadata.set(METADATA_FRAME);
  metadata.write(previous, PREVIOUS_AT, 'latin1');
  metadata.write(own, HASH_AT, 'latin1');
  return { previous, hash: own, id: eventIdOf(own), metadata };
}

const BEFORE_PREVIOUS = `{"schema":${METADATA_SCHEMA},"previous":"`;
const BEFORE_HASH = '","hash":"';
const END = '"}';
const HASH_DIGITS = 2 * HASH_BYTES;
const PREVIOUS_AT = BEFORE_PREVIOUS.length;
const HASH_AT = PREVIOUS_AT + HASH_DIGITS + BEFORE_HASH.length;
const METADATA_BYTES = HASH_AT + HASH_DIGITS + END.length;
/** All that is the same in the metadata of every event. */
const METADATA_FRAME = Buffer.from(`${BEFORE_PREVIOUS}${GENESIS_HASH}${BEFORE_HASH}${GENESIS_HASH}${END}`);

/** @throws MetadataInvalid */
export function readLink(metadata: Uint8Array): ChainLink {
  const bytes = Buffer.isBuffer(metadata)
    ? metadata
    : Buffer.from(metadata.buffer, metadata.byteOffset, metadata.byteLength);
  const chained = hasHash(bytes, PREVIOUS_AT, latestHash);
  if (
    bytes.length !== METADATA_BYTES ||
    !isFramed(bytes) ||
    !(chained || areHashDigits(bytes, PREVIOUS_AT)) ||
    !areHashDigits(bytes, HASH_AT)
  ) {
    const text = bytes.toString('latin1', 0, 200);
    throw new MetadataInvalid(`metadata must be {"schema":1,"previous","hash"}, got ${JSON.stringify(text)}`);
  }
  const previous = chained ? latestHash : bytes.toString('latin1', PREVIOUS_AT, PREVIOUS_AT + HASH_DIGITS);
  latestHash = bytes.toString('latin1', HASH_AT, HASH_AT + HASH_DIGITS);
  return { previous, hash: latestHash };
}

/** Events of a stream are mostly read one after the other, and then the one before has given the text already. */
let latestHash = GENESIS_HASH;

function hasHash(bytes: Uint8Array, from: number, known: string): boolean {
  for (let at = 0; at < HASH_DIGITS; at++) if (bytes[from + at] !== known.charCodeAt(at)) return false;
  return true;
}

/** Whether all that is the same in the metadata of every event stands where it should. */
function isFramed(bytes: Uint8Array): boolean {
  return (
    hasFrame(bytes, 0, PREVIOUS_AT) &&
    hasFrame(bytes, PREVIOUS_AT + HASH_DIGITS, HASH_AT) &&
    hasFrame(bytes, HASH_AT + HASH_DIGITS, METADATA_BYTES)
  );
}

function hasFrame(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== METADATA_FRAME[at]) return false;
  return true;
}

/** 1 for the byte of every lower-case hex digit. */
const HEX_DIGITS = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte < 128 && /[0-9a-f]/.test(String.fromCharCode(byte))),
);

/** Whether 64 lower-case hex digits stand there. Without a way out in between: every event read passes here. */
function areHashDigits(bytes: Uint8Array, from: number): boolean {
  let all = 1;
  for (let at = from; at < from + HASH_DIGITS; at++) all &= HEX_DIGITS[bytes[at] ?? 0] ?? 0;
  return all === 1;
}

/** What is wrong with a link; undefined when nothing is. */
export function linkFault(
  previous: string,
  event: ChainedContent & { readonly id: string; readonly metadata: Uint8Array },
): string | undefined {
  let link: ChainLink;
  try {
    link = readLink(event.metadata);
  } catch (error) {
    return error instanceof Error ? error.message : 'unreadable metadata';
  }
  if (link.previous !== previous) return `says that it follows ${link.previous}, but follows ${previous}`;
  return contentFault(link, event);
}

/** What is wrong with an event that has this link, whatever stands before it; undefined when nothing is. */
export function contentFault(
  link: ChainLink,
  event: ChainedContent & { readonly id: string },
): string | undefined {
  const own = chainHash(link.previous, event);
  if (link.hash !== own) return `says that its hash is ${link.hash}, but it is ${own}`;
  const id = eventIdOf(own);
  if (event.id !== id) return `its id is ${event.id}, but must be ${id}`;
  return undefined;
}
