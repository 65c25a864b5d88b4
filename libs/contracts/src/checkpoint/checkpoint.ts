import { MerkleRoot } from './merkle-root.js';

/** Where a stream stood: the hash of its event with this revision vouches for everything before it. */
export interface CheckpointHead {
  readonly stream: string;
  readonly revision: number;
  /** 64 lower-case hex digits. */
  readonly hash: string;
}

/** What a checkpoint says, short of the heads themselves; this is what gets signed. */
export interface CheckpointSummary {
  /** RFC 3339, UTC: when whoever took it took it. */
  readonly takenAt: string;
  /** Of the last event it covers, in the order of all streams; `none` when there is no event. */
  readonly position: string;
  readonly streams: number;
  /** 64 lower-case hex digits: the root of the Merkle tree over the heads. */
  readonly digest: string;
}

/** Made with an Ed25519 key over the statement. */
export interface CheckpointSignature {
  /** DER of the SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  /** 64 bytes, base64. */
  readonly value: string;
}

export interface Checkpoint extends CheckpointSummary {
  readonly signature: CheckpointSignature | null;
  /** By the UTF-8 bytes of the stream's name, ascending. */
  readonly heads: readonly CheckpointHead[];
}

export const CHECKPOINT_SCHEMA = 1;

/** As heads are ordered: UTF-8 and code points have the same order, UTF-16 has not. */
export function byStream(a: CheckpointHead, b: CheckpointHead): number {
  return Buffer.compare(Buffer.from(a.stream), Buffer.from(b.stream));
}

/**
 * The digest of heads in their order; see schemas/hash-chain.md.
 * @throws RangeError when they are out of order, a stream comes twice, or a hash is none
 */
export function checkpointDigest(heads: Iterable<CheckpointHead>): string {
  const tree = new MerkleRoot();
  let before: CheckpointHead | undefined;
  for (const head of heads) {
    if (before && byStream(before, head) >= 0)
      throw new RangeError(`${JSON.stringify(head.stream)} stands after ${JSON.stringify(before.stream)}`);
    tree.add(leafOf(head));
    before = head;
  }
  return tree.root().toString('hex');
}

function leafOf({ stream, revision, hash }: CheckpointHead): Buffer {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new RangeError(`not a hash of 64 hex digits: ${hash.slice(0, 80)}`);
  return Buffer.concat([Buffer.from(`${stream}\n${revision}\n`), Buffer.from(hash, 'hex')]);
}

/** The bytes that are signed. */
export function checkpointStatement({ takenAt, position, streams, digest }: CheckpointSummary): Buffer {
  return Buffer.from(`purser.v1.checkpoint\n${takenAt}\n${position}\n${streams}\n${digest}\n`);
}
