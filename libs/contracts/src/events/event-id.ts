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

/** Digit by digit into one text: put together of pieces, it would be four times as large and flattened later. */
function uuidOf(digest: string): string {
  for (let at = 0; at < PLACES.length; at++) uuid[PLACES[at] ?? 0] = digest.charCodeAt(at);
  uuid[VERSION_AT] = VERSION_5;
  uuid[VARIANT_AT] = VARIANTS[uuid[VARIANT_AT] ?? 0] ?? 0;
  return uuid.toString('latin1');
}

/** A UUID that is being written. */
const uuid = Buffer.from('00000000-0000-0000-0000-000000000000');
/** Where its 32 digits stand. */
const PLACES = Uint8Array.from(uuid.keys()).filter((at) => uuid[at] !== 45);

const VERSION_AT = 14;
const VERSION_5 = 53;
const VARIANT_AT = 19;

/** By the code of a hexadecimal digit: that of the same digit after its two high bits have been set to 10. */
const VARIANTS = new Uint8Array(128);
Buffer.from('0123456789abcdef').forEach((code, digit) => {
  VARIANTS[code] = '89ab'.charCodeAt(digit % 4);
});

/** The 16 bytes of a UUID text. */
export function uuidBytes(uuid: string): Uint8Array {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16) throw new RangeError(`not a UUID: ${JSON.stringify(uuid.slice(0, 64))}`);
  return bytes;
}
