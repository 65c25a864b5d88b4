import { MORE, PAYLOAD, PAYLOAD_RANGE } from './wire-format.js';

/** The bytes are not what this reader knows: the general one decides. */
export class Unfamiliar extends Error {
  override readonly name = 'Unfamiliar';
}

const LAST_ASCII = 0x7f;

/**
 * Walks over the bytes of a protocol buffers message: a tag, a value, the next tag. It knows just numbers that are exact
 * in JavaScript, and what has a length.
 */
export class WireReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  get at(): number {
    return this.#at;
  }

  /** A tag, a length, or a number. @throws Unfamiliar when it is not exact as a number, or the bytes end */
  uint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= PAYLOAD_RANGE) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw new Unfamiliar();
      value += (byte & PAYLOAD) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new Unfamiliar();
      if ((byte & MORE) === 0) return value;
    }
  }

  /** Goes to the value of a field that has a length. @returns where it ends */
  enter(): number {
    const length = this.uint();
    const end = this.#at + length;
    if (end > this.bytes.length) throw new Unfamiliar();
    return end;
  }

  /** A view of a value. */
  content(): Buffer {
    const end = this.enter();
    const content = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return content;
  }

  /** @throws Unfamiliar when it is not ASCII */
  ascii(): string {
    const end = this.enter();
    const from = this.#at;
    for (let at = from; at < end; at += 1) if ((this.bytes[at] ?? 0) > LAST_ASCII) throw new Unfamiliar();
    this.#at = end;
    return this.bytes.toString('latin1', from, end);
  }

  /** @throws Unfamiliar unless this tag comes next */
  expect(tag: number): void {
    if (this.uint() !== tag) throw new Unfamiliar();
  }

  /** @throws Unfamiliar unless what was entered ends here */
  leave(end: number): void {
    if (this.#at !== end) throw new Unfamiliar();
  }
}
