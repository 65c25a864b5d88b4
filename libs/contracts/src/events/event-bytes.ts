import { QUOTE } from '../json-marks.js';
import type { LatestTexts } from '../latest-texts.js';

const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;
const SPACE = 32;
const FIRST_PRINTABLE = 32;
const LAST_ASCII = 127;

/** An integer of so many digits is exact, and was so digit by digit. */
const SAFE_DIGITS = 15;

const NOTHING = Buffer.alloc(0);

/** The bytes of a stored event, and how far they have been read. What is asked for and stands there is passed by. */
export class EventBytes {
  #bytes: Buffer = NOTHING;
  at = 0;
  /** Whether the latest text is of ASCII alone. */
  ascii = true;

  restart(data: Uint8Array): void {
    this.#bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.at = 0;
  }

  /** Lets go of the bytes, which are mostly a part of many more. */
  release(): void {
    this.#bytes = NOTHING;
  }

  get atEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  /** Whether these bytes stand here. */
  has(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const { at } = this;
    const { length } = expected;
    if (at + length > bytes.length) return false;
    for (let index = 0; index < length; index++) if (bytes[at + index] !== expected[index]) return false;
    this.at = at + length;
    return true;
  }

  /** Whether these bytes are the last ones; does not pass them by. */
  endsWith(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const from = bytes.length - expected.length;
    for (let index = 0; index < expected.length; index++)
      if (bytes[from + index] !== expected[index]) return false;
    return true;
  }

  /** Passes by all that stands before the next such byte; false when there is none. */
  skipTo(wanted: number): boolean {
    const found = this.#bytes.indexOf(wanted, this.at);
    if (found < 0) return false;
    this.at = found;
    return true;
  }

  /** As `hasByte`, but for the spaces that some writers put before and behind the marks of JSON. */
  hasMark(mark: number): boolean {
    this.#skipSpaces();
    if (!this.hasByte(mark)) return false;
    this.#skipSpaces();
    return true;
  }

  hasByte(expected: number): boolean {
    if (this.#bytes[this.at] !== expected) return false;
    this.at += 1;
    return true;
  }

  /** Whether this text of ASCII alone, as `text` gives it, stands here in quotes. */
  hasText(known: string): boolean {
    const bytes = this.#bytes;
    const from = this.at + 1;
    const { length } = known;
    if (bytes[from + length] !== QUOTE || bytes[this.at] !== QUOTE) return false;
    for (let index = 0; index < length; index++)
      if (bytes[from + index] !== known.charCodeAt(index)) return false;
    this.at = from + length + 1;
    return true;
  }

  /**
   * The text that stands here in quotes; undefined for anything else, and for a text with escapes. One that came lately
   * is not made again.
   */
  text(lately?: LatestTexts): string | undefined {
    const bytes = this.#bytes;
    const { length } = bytes;
    const from = this.at + 1;
    if (bytes[this.at] !== QUOTE) return undefined;
    let ascii = true;
    for (let end = from; end < length; end++) {
      const byte = bytes[end] ?? 0;
      if (byte === QUOTE) {
        this.at = end + 1;
        this.ascii = ascii;
        if (!ascii) return bytes.toString('utf8', from, end);
        return lately === undefined ? bytes.toString('latin1', from, end) : lately.of(bytes, from, end);
      }
      if (byte < FIRST_PRINTABLE || byte === BACKSLASH) return undefined;
      if (byte > LAST_ASCII) ascii = false;
    }
    return undefined;
  }

  /** The integer that stands here, as it is written; undefined for anything else, and for one of very many digits. */
  integer(): number | undefined {
    const bytes = this.#bytes;
    const negative = bytes[this.at] === MINUS;
    const from = negative ? this.at + 1 : this.at;
    let value = 0;
    let end = from;
    for (; end < bytes.length; end++) {
      const digit = bytes[end] ?? 0;
      if (digit < ZERO || digit > NINE) break;
      value = value * 10 + digit - ZERO;
    }
    const digits = end - from;
    if (digits < 1 || digits > SAFE_DIGITS || (bytes[from] === ZERO && (digits > 1 || negative)))
      return undefined;
    this.at = end;
    return negative ? -value : value;
  }

  #skipSpaces(): void {
    while (this.#bytes[this.at] === SPACE) this.at += 1;
  }
}
