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
  const head = `${stream}\n${revision}\n${type}\n`;
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(HASH_BYTES + headBytes + data.length);
  if (bytes.write(previous, 'hex') !== HASH_BYTES || previous.length !== 2 * HASH_BYTES) {
    throw new RangeError(`not a hash of 64 hex digits: ${JSON.stringify(previous.slice(0, 80))}`);
  }
  bytes.write(head, HASH_BYTES);
  bytes.set(data, HASH_BYTES + headBytes);
  return hash('sha256', bytes, 'hex');
}

/** Chains an event to the one before it (`GENESIS_HASH` for the first of a stream). */
export function chainEvent(previous: string, content: ChainedContent): ChainedEvent {
  const own = chainHash(previous, content);
  const metadata = Buffer.from(
    `{"schema":${METADATA_SCHEMA},"previous":"${previous}","hash":"${own}"}`,
    'latin1',
  );
  return { previous, hash: own, id: eventIdOf(own), metadata };
}

const METADATA = /^\{"schema":1,"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}$/;

/** @throws MetadataInvalid */
export function readLink(metadata: Uint8Array): ChainLink {
  const text = Buffer.from(metadata.buffer, metadata.byteOffset, metadata.byteLength).toString('latin1');
  const match = METADATA.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new MetadataInvalid(
      `metadata must be {"schema":1,"previous","hash"}, got ${JSON.stringify(text.slice(0, 200))}`,
    );
  }
  return { previous: match[1], hash: match[2] };
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
  const own = chainHash(previous, event);
  if (link.hash !== own) return `says that its hash is ${link.hash}, but it is ${own}`;
  if (event.id !== eventIdOf(own)) return `its id is ${event.id}, but must be ${eventIdOf(own)}`;
  return undefined;
}
