import type { ReadStore } from '#read-store';

/** The name under which one projector of several is the active one. */
export interface LeaseTerms {
  readonly name: string;
  readonly holder: string;
  /** How long it is held without being prolonged. */
  readonly ttlMs: number;
}

/**
 * Holds a lease by prolonging it in the background until released. The lease saves double work and nothing more:
 * that nothing is projected twice is kept by the checkpoint compared in each write.
 */
export class HeldLease {
  readonly #timer: NodeJS.Timeout;

  private constructor(
    private readonly readStore: ReadStore,
    private readonly terms: LeaseTerms,
    lost: () => void,
  ) {
    this.#timer = setInterval(() => {
      readStore.acquireLease(terms.name, terms.holder, terms.ttlMs).then(
        (held) => {
          if (!held) lost();
        },
        // The store is away: whoever writes notices. When it is back, the next prolongation tells whose the lease is.
        () => undefined,
      );
    }, terms.ttlMs / 3);
    this.#timer.unref();
  }

  /** Undefined when somebody else has it. `lost` is called when somebody else has taken it later on. */
  static async take(
    readStore: ReadStore,
    terms: LeaseTerms,
    lost: () => void,
  ): Promise<HeldLease | undefined> {
    const held = await readStore.acquireLease(terms.name, terms.holder, terms.ttlMs);
    return held ? new HeldLease(readStore, terms, lost) : undefined;
  }

  /** Lets the next one take over at once instead of after the lease has run out. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.readStore.releaseLease(this.terms.name, this.terms.holder).catch(() => undefined);
  }
}
