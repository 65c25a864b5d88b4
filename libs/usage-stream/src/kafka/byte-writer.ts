const MOST_VARINT_BYTES = 5;

/** Begun with; a batch of usual size fits. */
const USUAL_BYTES = 1_048_576;
/** Kept for the next at most: one giant dead letter must not hold its size for ever. */
const KEPT_BYTES = 8 * USUAL_BYTES;

/** Writes Kafka's primitive types, one behind the other, into memory that grows and is used again. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(USUAL_BYTES);
  #at = 0;

  /** How much has been written: where the next goes. */
  get length(): number {
    return this.#at;
  }

  /** Begins anew: what was written is overwritten. */
  clear(): void {
    this.#at = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(USUAL_BYTES);
  }

  /** The memory it holds, in bytes. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** What has been written from there on, in the writer's own memory. */
  view(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#at);
  }

  int8(value: number): void {
    this.#need(1);
    this.#bytes[this.#at++] = value;
  }

  int16(value: number): void {
    this.#need(2);
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#need(4);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  int64(value: bigint): void {
    this.#need(8);
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
  }

  /** Puts an unsigned number of four bytes in place of what was written there. */
  putUint32(at: number, value: number): void {
    this.#bytes.writeUInt32BE(value, at);
  }

  /** A text behind its length in two bytes; null has none. */
  string(text: string | null): void {
    if (text === null) {
      this.int16(-1);
      return;
    }
    const bytes = Buffer.byteLength(text);
    this.int16(bytes);
    this.#need(bytes);
    this.#at += this.#bytes.write(text, this.#at);
  }

  /** Zigzag, seven bits a byte; of at most 32 bits. */
  varInt(value: number): void {
    this.#need(MOST_VARINT_BYTES);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 127) {
      this.#bytes[this.#at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  /** Bytes or a text behind their length as a varint; null has the length -1. */
  varIntBytes(content: Buffer | string | null): void {
    if (content === null) this.varInt(-1);
    else if (typeof content === 'string') this.#varIntText(content);
    else {
      this.varInt(content.length);
      this.#need(content.length);
      this.#bytes.set(content, this.#at);
      this.#at += content.length;
    }
  }

  /**
   * Puts the length of what was written from there on before it, as a varint. Leave `guess` bytes of room for it;
   * where it takes more or fewer, everything behind it moves.
   */
  putVarIntLength(from: number, guess: number): void {
    const start = from + guess;
    const length = this.#at - start;
    const room = varIntSize(length);
    this.#need(room);
    if (room !== guess) this.#bytes.copyWithin(from + room, start, this.#at);
    this.#at = from;
    this.varInt(length);
    this.#at += length;
  }

  /** Byte by byte where a text is short and ASCII, as ids, times and names are: a call costs more. */
  #varIntText(text: string): void {
    const { length } = text;
    if (length <= 128) {
      const from = this.#at;
      this.varInt(length);
      this.#need(length);
      if (putAscii(this.#bytes, this.#at, text)) {
        this.#at += length;
        return;
      }
      this.#at = from;
    }
    const bytes = Buffer.byteLength(text);
    this.varInt(bytes);
    this.#need(bytes);
    this.#at += this.#bytes.write(text, this.#at);
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

function varIntSize(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest > 127; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** False as soon as there is anything but ASCII: what was put there then does not count. */
function putAscii(bytes: Uint8Array, from: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return false;
    bytes[from + index] = code;
  }
  return true;
}
