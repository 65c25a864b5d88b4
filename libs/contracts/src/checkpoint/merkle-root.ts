import { hash } from 'node:crypto';

/** SHA-256 of nothing: the root of a tree without leaves. */
const EMPTY_ROOT = Buffer.from(hash('sha256', '', 'hex'), 'hex');
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/**
 * The root of the Merkle tree of RFC 6962 over leaves that come one by one: SHA-256, leaves and inner nodes told apart
 * by their first byte. Keeps one hash per level, however many leaves there are.
 */
export class MerkleRoot {
  /** Roots of full subtrees, the largest first; the sizes are the powers of two that add up to `#leaves`. */
  readonly #subtrees: Buffer[] = [];
  #leaves = 0;

  add(leaf: Uint8Array): void {
    let root = sha256(LEAF, leaf);
    // Each trailing one of the count so far is a full subtree of the size that `root` now has.
    for (let size = this.#leaves; size % 2 === 1; size = Math.floor(size / 2)) {
      root = sha256(NODE, this.#subtrees.pop() ?? EMPTY_ROOT, root);
    }
    this.#subtrees.push(root);
    this.#leaves += 1;
  }

  get leaves(): number {
    return this.#leaves;
  }

  /** 32 bytes. */
  root(): Buffer {
    const fromTheRight = this.#subtrees.toReversed();
    const [last, ...larger] = fromTheRight;
    if (!last) return EMPTY_ROOT;
    return larger.reduce((right, left) => sha256(NODE, left, right), last);
  }
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}
