import { QUOTE } from './json-marks.js';

/** Room for nearly every event. What a larger one needed is let go of again. */
const USUAL_BYTES = 16 * 1024;

const BACKSLASH = 92;
const FIRST_PRINTABLE = 32;
const LAST_ASCII = 127;

/** Up to this many bytes a loop is quicker than a call of `set`. */
const FEW_BYTES = 32;

/** The most bytes of UTF-8 for a code unit of UTF-16. */
const BYTES_PER_UNIT = 3;

/**
 * A JSON text that is being written, as UTF-8. The room is used again for every text: an event has a hundred pieces,
 * and as strings to be put together they would be most of what is allocated for it.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(USUAL_BYTES);
  #end = 0;

  /** Forgets what has been written. */
  restart(): void {
    this.#end = 0;
    if (this.#bytes.length > USUAL_BYTES) this.#bytes = Buffer.allocUnsafeSlow(USUAL_BYTES);
  }

  /** A copy of what has been written. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.#end);
    this.#bytes.copy(taken, 0, 0, this.#end);
    return taken;
  }

  /** What has been written, until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  /** What is JSON already. */
  raw(json: Uint8Array): void {
    const { length } = json;
    this.#makeRoom(length);
    const bytes = this.#bytes;
    const end = this.#end;
    if (length > FEW_BYTES) bytes.set(json, end);
    else for (let at = 0; at < length; at++) bytes[end + at] = json[at] ?? 0;
    this.#end = end + length;
  }

  /** One character of ASCII that is JSON already. */
  ascii(code: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#end++] = code;
  }

  /** A text, quoted and escaped as `JSON.stringify` does it. */
  text(text: string): void {
    const { length } = text;
    this.#makeRoom(length + 2);
    const bytes = this.#bytes;
    let end = this.#end;
    bytes[end++] = QUOTE;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code < FIRST_PRINTABLE || code > LAST_ASCII || code === QUOTE || code === BACKSLASH) {
        this.json(JSON.stringify(text));
        return;
      }
      bytes[end++] = code;
    }
    bytes[end++] = QUOTE;
    this.#end = end;
  }

  /** A text that is JSON already. */
  json(json: string): void {
    this.#makeRoom(json.length * BYTES_PER_UNIT);
    this.#end += this.#bytes.write(json, this.#end);
  }

  #makeRoom(wanted: number): void {
    const needed = this.#end + wanted;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * needed);
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
