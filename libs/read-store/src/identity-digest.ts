import { hash } from 'node:crypto';

/**
 * The key under which an identity is remembered: the first 16 bytes of its sha-256, as 32 hexadecimal digits. An
 * identity is as long as its sender likes, and there are millions of them; their digests have one length.
 * Hashed as UTF-16, because UTF-8 would give all lone surrogates, and so two different ids, one digest.
 */
export function identityDigest(identity: string): string {
  return hash('sha256', Buffer.from(identity, 'utf16le'), 'hex').slice(0, 32);
}
