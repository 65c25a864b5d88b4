import { hash } from 'node:crypto';

/**
 * Remembers millions of ids in 16 to 32 bytes each, by 64 bits of their SHA-1: among ten million ids a mistaken
 * "seen before" has a chance of 3 in a million, and an id that was seen is never taken for new.
 */
export class SeenIdentities {
  /** Open addressing, two words per place; 0 0 is free. */
  #places = new Uint32Array(2 * 64);
  #count = 0;

  /** True when it was not there before. */
  add(identity: string): boolean {
    if (4 * this.#count >= this.#places.length) this.#grow();
    const digest = hash('sha1', identity, 'hex');
    const high = parseInt(digest.slice(0, 8), 16);
    // Never 0, so that no id looks like a free place.
    const low = parseInt(digest.slice(8, 16), 16) | 1;
    const isNew = place(this.#places, high, low >>> 0);
    if (isNew) this.#count += 1;
    return isNew;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#places.length * 2);
    for (let at = 0; at < this.#places.length; at += 2) {
      const low = this.#places[at + 1] ?? 0;
      if (low !== 0) place(larger, this.#places[at] ?? 0, low);
    }
    this.#places = larger;
  }
}

function place(places: Uint32Array, high: number, low: number): boolean {
  const mask = places.length / 2 - 1;
  for (let slot = high & mask; ; slot = (slot + 1) & mask) {
    const there = places[2 * slot + 1];
    if (there === 0) {
      places[2 * slot] = high;
      places[2 * slot + 1] = low;
      return true;
    }
    if (there === low && places[2 * slot] === high) return false;
  }
}
