import { hash } from 'node:crypto';

/** RFC 9562 namespace of event ids: UUID v5 of the DNS name `events.purser.v1` in the DNS namespace. */
export const EVENT_ID_NAMESPACE = '4dc2b701-5a98-53ba-88c4-e222803fcf1f';

const namespaceBytes = uuidBytes(EVENT_ID_NAMESPACE);

/**
 * Id of the event with this chain hash: UUID v5 (RFC 9562) of the 64 hex digits in `EVENT_ID_NAMESPACE`. So the
 * same id means the same content at the same place, never another decision about the same command.
 */
export function eventIdOf(chainHash: string): string {
  if (chainHash.length !== HASH_DIGITS) return uuidV5(namespaceBytes, chainHash);
  named.write(chainHash, 16, 'latin1');
  return uuidOf(hash('sha1', named, 'hex'));
}

const HASH_DIGITS = 64;

/** The namespace and room for one hash: every event written or told passes here. */
const named = Buffer.concat([namespaceBytes, Buffer.alloc(HASH_DIGITS)]);

/** UUID version 5 of a name in a namespace, as RFC 9562 §5.5 has it. */
export function uuidV5(namespace: Uint8Array, name: string): string {
  const length = Buffer.byteLength(name);
  const bytes = Buffer.allocUnsafe(16 + length);
  bytes.set(namespace, 0);
  bytes.write(name, 16);
  return uuidOf(hash('sha1', bytes, 'hex'));
}

function uuidOf(digest: string): string {
  const variant = VARIANTS.charAt(parseInt(digest.charAt(16), 16));
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** The first digit of the third group after its two high bits have been set to 10. */
const VARIANTS = '89ab89ab89ab89ab';

/** The 16 bytes of a UUID text. */
export function uuidBytes(uuid: string): Uint8Array {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16) throw new RangeError(`not a UUID: ${JSON.stringify(uuid.slice(0, 64))}`);
  return bytes;
}
