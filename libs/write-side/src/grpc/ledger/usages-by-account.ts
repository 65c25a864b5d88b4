import type { SentUsages } from '#contracts';
import type { AskedAccount } from '../../account/submit-all.js';

/** One account's usage out of a message. */
export interface AccountUsage extends AskedAccount {
  readonly size: number;
  /** Where in the message the first and the last of it stand. */
  readonly first: number;
  readonly last: number;
}

/** Whose usage a message brings. It waits for the turn of every account in it, and so is kept as small as can be. */
export class UsagesByAccount {
  readonly accounts: readonly AccountUsage[];
  /** Of each usage event, the next one of its account. */
  readonly #next: Uint32Array;

  constructor(usages: SentUsages) {
    const accounts = new Map<string, { customerId: string; size: number; first: number; last: number }>();
    this.#next = new Uint32Array(usages.count);
    for (let at = 0; at < usages.count; at++) {
      const customerId = usages.customerId(at);
      const account = accounts.get(customerId);
      if (account) {
        this.#next[account.last] = at;
        account.last = at;
        account.size += 1;
      } else accounts.set(customerId, { customerId, size: 1, first: at, last: at });
    }
    this.accounts = [...accounts.values()];
  }

  /** Where in the message an account's usage stands, in its order. */
  places({ size, first }: AccountUsage): number[] {
    const places = [first];
    for (let at = first; places.length < size;) places.push((at = this.#next[at] ?? 0));
    return places;
  }
}
