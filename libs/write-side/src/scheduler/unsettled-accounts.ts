/** Most accounts that are remembered; of more, those that failed first. */
const ACCOUNTS = 10_000;
/** Most that are named, and most errors that are told. */
const NAMED = 5;

/** What there is to tell of accounts that do not settle. */
export interface UnsettledTold {
  /** Why; the same text as long as it is for the same reasons. */
  readonly error: unknown;
  readonly details: {
    /** Some of them: one for each reason first. */
    readonly customerIds: readonly string[];
    readonly accounts: number;
  };
}

/** Accounts whose settling failed, until they have settled or nothing is due of them any more. */
export class UnsettledAccounts {
  readonly #errors = new Map<string, unknown>();

  get size(): number {
    return this.#errors.size;
  }

  failed(customerId: string, error: unknown): void {
    if (this.#errors.size < ACCOUNTS || this.#errors.has(customerId)) this.#errors.set(customerId, error);
  }

  settled(customerId: string): void {
    this.#errors.delete(customerId);
  }

  /** Forgets the others: nothing is due of them. */
  keepOnly(due: ReadonlySet<string>): void {
    for (const customerId of this.#errors.keys()) if (!due.has(customerId)) this.#errors.delete(customerId);
  }

  told(): UnsettledTold {
    const reasons = new Map<string, { readonly customerId: string; readonly error: unknown }>();
    for (const [customerId, error] of this.#errors) {
      const text = String(error);
      if (!reasons.has(text)) reasons.set(text, { customerId, error });
      if (reasons.size === NAMED) break;
    }
    const examples = [...reasons.values()];
    const customerIds = new Set(examples.map(({ customerId }) => customerId));
    for (const customerId of this.#errors.keys()) {
      if (customerIds.size === NAMED) break;
      customerIds.add(customerId);
    }
    const errors = examples.map(({ error }) => error);
    return {
      error: errors.length === 1 ? errors[0] : new AggregateError(errors, [...reasons.keys()].join('; ')),
      details: { customerIds: [...customerIds], accounts: this.#errors.size },
    };
  }
}
