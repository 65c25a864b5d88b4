import type { MessageWriter, rpc } from '#contracts';
import { WireWriter } from '#wire';

/** What a result has in bytes, or a little more. */
const BYTES_PER_RESULT = 160;

/**
 * The results of one message of usage events: written down as each becomes known, handed out in the order of the
 * events. Several messages of a thousand wait for the last of theirs at a time; as bytes they cost the garbage
 * collector nothing.
 */
export class UsageResults {
  readonly #written: WireWriter;
  readonly #starts: Uint32Array;
  /** 0: not known yet. No result is that short. */
  readonly #ends: Uint32Array;

  constructor(
    private readonly count: number,
    private readonly write: MessageWriter<rpc.RecordUsageStreamResponse>,
  ) {
    this.#written = new WireWriter(count * BYTES_PER_RESULT);
    this.#starts = new Uint32Array(count);
    this.#ends = new Uint32Array(count);
  }

  isKnown(at: number): boolean {
    return this.#ends[at] !== 0;
  }

  set(at: number, result: rpc.UsageResult): void {
    const start = this.#written.length;
    this.write({ results: [result] }, this.#written);
    this.#starts[at] = start;
    this.#ends[at] = this.#written.length;
  }

  /**
   * The bytes of `RecordUsageStreamResponse`: those of messages with one result each, one after the other.
   * @throws Error when a result is not known
   */
  toMessage(): Buffer {
    const message = new WireWriter(this.#written.length);
    for (let at = 0; at < this.count; at++) {
      if (!this.isKnown(at)) throw new Error(`usage ${at} of a message was left without a result`);
      message.copyFrom(this.#written, this.#starts[at] ?? 0, this.#ends[at] ?? 0);
    }
    return message.toBuffer();
  }
}
