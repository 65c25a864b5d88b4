/**
 * What may be worked on at a time, over all calls, as it comes over the wire: some sixty thousand usage events, of which
 * each takes about as much again in memory while it waits. Three times what it was when each took six times as much.
 */
const MOST_BYTES = 12 * 1024 * 1024;

/** What a message costs besides its bytes. */
const BYTES_PER_MESSAGE = 1024;

/**
 * The messages of all bidirectional calls that are being worked on. The more of them, the more usage of one account is
 * found together and shares an append; how many there may be is shared, so that memory does not grow with the calls.
 */
export class MessagesInHand {
  #bytes = 0;

  constructor(private readonly mostBytes: number = MOST_BYTES) {}

  /** Whether those that are here are enough. */
  get areEnough(): boolean {
    return this.#bytes >= this.mostBytes;
  }

  begin(message: Uint8Array): void {
    this.#bytes += message.byteLength + BYTES_PER_MESSAGE;
  }

  end(message: Uint8Array): void {
    this.#bytes -= message.byteLength + BYTES_PER_MESSAGE;
  }
}
