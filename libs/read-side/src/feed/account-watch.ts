/** One reader's view of an account's changes: the latest wins, however slow the reader is. */
export class AccountWatch {
  #told: number | undefined;
  #taken: number | undefined;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(
    readonly customerId: string,
    private readonly forget: () => void,
  ) {}

  /**
   * The account's revision as soon as there is one that was not taken yet (-1: the read store has no such
   * account); undefined when `timeoutMs` have passed without.
   * @throws what the signal was aborted with, or what kept the feed from looking
   */
  async next(signal: AbortSignal, timeoutMs: number): Promise<number | undefined> {
    signal.throwIfAborted();
    if (this.#failure === undefined && this.#told === this.#taken) await this.#news(signal, timeoutMs);
    signal.throwIfAborted();
    if (this.#failure) throw this.#failure.error;
    if (this.#told === this.#taken) return undefined;
    this.#taken = this.#told;
    return this.#taken;
  }

  close(): void {
    this.forget();
  }

  /** Called by the feed. */
  tell(revision: number): void {
    if (this.#told !== undefined && revision <= this.#told) return;
    this.#told = revision;
    this.#wake?.();
  }

  /** Called by the feed when it cannot look; the watch is of no more use. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.forget();
    this.#wake?.();
  }

  #news(signal: AbortSignal, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      // Beyond 2³¹ − 1 ms a timer fires at once.
      const timer = setTimeout(done, Math.min(Math.max(timeoutMs, 0), 2 ** 31 - 1));
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
