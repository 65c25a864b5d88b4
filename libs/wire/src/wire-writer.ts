import { MORE, PAYLOAD, PAYLOAD_RANGE } from './wire-format.js';

const FIRST_CAPACITY = 1_024;
/** Bytes that a varint may have. */
const LONGEST_VARINT = 10;
/** Most bytes that a UTF-16 code unit becomes in UTF-8. */
const BYTES_PER_UNIT = 3;
/** Up to here a loop over the characters is quicker than the runtime's own encoder. */
const SHORT_TEXT = 64;
/** What fits in the bits of an integer; beyond it, only arithmetic is exact. */
const HIGHEST_INT = 0x7fff_ffff;

/** Writes protocol buffers' wire format into bytes that grow as needed, so that nothing is allocated per value. */
export class WireWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = FIRST_CAPACITY) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Takes back what was written after the first so many bytes. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Everything that was written, not copied: nothing may be written afterwards. */
  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Copies a range of what another has written, which is short: quicker byte by byte than by way of a view. */
  copyFrom(other: WireWriter, start: number, end: number): void {
    this.#reserve(end - start);
    const from = other.#bytes;
    const to = this.#bytes;
    let at = this.#length;
    for (let index = start; index < end; index++) to[at++] = from[index] ?? 0;
    this.#length = at;
  }

  /** An integer from 0 to 2^53 − 1. */
  varint(value: number): void {
    this.#reserve(LONGEST_VARINT);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    while (rest > HIGHEST_INT) {
      bytes[at++] = (rest % PAYLOAD_RANGE) | MORE;
      rest = Math.floor(rest / PAYLOAD_RANGE);
    }
    while (rest > PAYLOAD) {
      bytes[at++] = (rest & PAYLOAD) | MORE;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** UTF-8 with its length before it; a lone surrogate becomes U+FFFD. */
  text(text: string): void {
    this.#reserve(text.length * BYTES_PER_UNIT + LONGEST_VARINT);
    if (text.length <= SHORT_TEXT && this.#ascii(text)) return;
    const start = this.begin();
    this.#length += this.#bytes.write(text, start);
    this.end(start);
  }

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Begins something that has its length before it; `end` wants to know what this gives. */
  begin(): number {
    this.#reserve(1);
    return ++this.#length;
  }

  /** Most have fewer than 128 bytes, so that their length is one byte; what is longer is moved to make room. */
  end(start: number): void {
    const length = this.#length - start;
    if (length <= PAYLOAD) {
      this.#bytes[start - 1] = length;
      return;
    }
    this.#reserve(LONGEST_VARINT);
    const room = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4;
    this.#bytes.copyWithin(start + room, start, this.#length);
    this.#length = start - 1;
    this.varint(length);
    this.#length += length;
  }

  /** Whether the text was written, being all ASCII. */
  #ascii(text: string): boolean {
    const { length } = text;
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = length;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return false;
      bytes[at++] = unit;
    }
    this.#length = at;
    return true;
  }

  #reserve(room: number): void {
    const needed = this.#length + room;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
