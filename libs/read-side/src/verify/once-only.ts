import { identityOf, type AccountEvent } from '#domain';
import type { Fault } from './finding.js';
import { SeenIdentities } from './seen-identities.js';

/**
 * Checks that every usage event and every command was answered once. What one of them causes stands together, with
 * nothing between but settlement; so an id that comes again after another one was acted upon twice.
 */
export class OnceOnly {
  readonly #seen = new SeenIdentities();
  #current: string | null = null;
  #debits = 0;

  check(event: AccountEvent, fault: Fault): void {
    const identity = identityOf(event.cause);
    if (identity === null) return;
    if (identity !== this.#current) {
      this.#current = identity;
      this.#debits = 0;
      if (!this.#seen.add(identity)) fault('twice', `${identity} was answered before`);
    }
    if (event.type !== 'CreditsDebited') return;
    this.#debits += 1;
    if (this.#debits > 1) fault('twice', `${identity} was debited before`);
  }
}
