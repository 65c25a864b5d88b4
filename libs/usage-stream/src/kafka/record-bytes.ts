/** More than seven bytes of seven bits are no exact number. */
const LARGEST_FACTOR = 2 ** 42;
const MORE = 128;

/** What stands in a fetched record batch is nothing that is read here: kafkajs reads it, or says what is wrong. */
export class RecordsUnread extends Error {
  override readonly name = 'RecordsUnread';
}

/**
 * Kafka's primitive types, one behind the other in some bytes, and how far they have been read. Nothing is read beyond
 * the end of the bytes.
 *
 * @throws RecordsUnread, every method
 */
export class RecordBytes {
  at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly end = bytes.length,
  ) {}

  get left(): number {
    return this.end - this.at;
  }

  int8(): number {
    return this.bytes.readInt8(this.#pass(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#pass(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#pass(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.#pass(8));
  }

  /** Zigzag, seven bits a byte. */
  varInt(): number {
    const { bytes } = this;
    const first = bytes[this.#pass(1)] ?? 0;
    if (first < MORE) return (first >>> 1) ^ -(first & 1);
    let sum = first - MORE;
    for (let factor = MORE; factor <= LARGEST_FACTOR; factor *= MORE) {
      const byte = bytes[this.#pass(1)] ?? 0;
      if (byte < MORE) {
        sum += byte * factor;
        return sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2;
      }
      sum += (byte - MORE) * factor;
    }
    throw new RecordsUnread('a number of more than seven bytes');
  }

  /**
   * Bytes behind their length, in the memory that is read; null where the length is negative: producers write -1, but
   * brokers take any, and Kafka's own clients read null. Where the bytes are the expected ones, those: a view is dear.
   */
  varIntBytes(expected?: Buffer | null): Buffer | null {
    const length = this.varInt();
    if (length < 0) return null;
    const from = this.#pass(length);
    if (expected?.length === length && this.#stand(expected, from)) return expected;
    return this.bytes.subarray(from, this.at);
  }

  /** A text behind its length; the expected one, where it is that. */
  varIntText(expected?: string): string {
    const length = this.varInt();
    const from = this.#pass(length);
    if (expected?.length === length && this.#stands(expected, from)) return expected;
    return this.bytes.toString('utf8', from, this.at);
  }

  /** All that is left. */
  rest(): Buffer {
    const from = this.#pass(this.left);
    return this.bytes.subarray(from, this.end);
  }

  /** The next so many bytes, to be read by themselves. */
  part(length: number): RecordBytes {
    const from = this.#pass(length);
    const part = new RecordBytes(this.bytes, this.at);
    part.at = from;
    return part;
  }

  #stand(bytes: Buffer, from: number): boolean {
    for (let index = 0; index < bytes.length; index++)
      if (this.bytes[from + index] !== bytes[index]) return false;
    return true;
  }

  /** Whether the text stands there byte for byte; never for anything but ASCII. */
  #stands(text: string, from: number): boolean {
    for (let index = 0; index < text.length; index++) {
      const byte = this.bytes[from + index] ?? MORE;
      if (byte >= MORE || byte !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  /** Passes by so many bytes and answers where they begin. */
  #pass(length: number): number {
    const from = this.at;
    if (length < 0 || length > this.end - from)
      throw new RecordsUnread(`${length} bytes where fewer are left`);
    this.at = from + length;
    return from;
  }
}
