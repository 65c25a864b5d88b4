import { chainHash, decodeAccountEvent, GENESIS_HASH, linkFault, readLink } from '#contracts';
import { evolve, initialAccount, type AccountEvent, type AccountState, type Grant } from '#domain';
import type { RecordedEvent } from '#event-store';
import { AccountBook, type BookRules } from './account-book.js';
import { PARTS } from './booked-grant.js';
import { text } from './exact.js';
import type { Check, Finding } from './finding.js';
import { OnceOnly } from './once-only.js';
import { reversedIdentity } from './reversal-verifier.js';

/** What an account's stream came to under examination. */
export interface Verification {
  readonly customerId: string;
  readonly events: number;
  /** Of the last event; -1: there is none. */
  readonly revision: number;
  /** Of the last event. */
  readonly headHash: string;
  /** The first of them, at most `MAX_FINDINGS`. */
  readonly findings: readonly Finding[];
  /** How many there were in all. */
  readonly findingCount: number;
  /** The account as the domain folds it. */
  readonly state: AccountState;
}

/** One broken event may break every one after it: what is kept is bounded. */
export const MAX_FINDINGS = 100;

/**
 * Examines one account's stream, event by event, with memory bounded by the account's grants (and a few bytes for
 * each id): the hash chain and the event ids, contiguous revisions, the conservation of every grant, each debit's
 * draws and rounding against a re-computation of its own, that no usage event or command was answered twice, and
 * that the domain folds the events to the same grants.
 */
export class AccountVerifier {
  readonly #book: AccountBook;
  readonly #onceOnly = new OnceOnly();
  readonly #reversed = new Set<string>();
  readonly #findings: Finding[] = [];
  #findingCount = 0;
  #events = 0;
  #revision = -1;
  #hash = GENESIS_HASH;
  #state: AccountState = initialAccount;
  #folds = true;
  #recordedAt = '';

  constructor(
    private readonly customerId: string,
    rules: BookRules,
  ) {
    this.#book = new AccountBook(rules);
  }

  check(recorded: RecordedEvent): void {
    const fault = (check: Check, message: string): void => {
      this.find(recorded.revision, check, message);
    };
    this.#events += 1;
    if (recorded.revision !== this.#revision + 1) {
      fault('revision', `revision ${recorded.revision} follows ${this.#revision}`);
    }
    this.#revision = recorded.revision;
    const broken = linkFault(this.#hash, recorded);
    if (broken !== undefined) fault('chain', broken);
    // Judged by its own link from here on, so that one broken event is one finding.
    this.#hash = broken === undefined ? readLink(recorded.metadata).hash : claimedHash(this.#hash, recorded);
    const event = decoded(recorded, fault);
    if (!event) return;
    if (event.recordedAt < this.#recordedAt) {
      fault('revision', `recorded at ${event.recordedAt}, after an event recorded at ${this.#recordedAt}`);
    } else this.#recordedAt = event.recordedAt;
    this.#onceOnly.check(event, fault);
    if (event.type === 'DebitReversed') this.#reversed.add(reversedIdentity(event));
    this.#book.book(event, fault);
    this.#fold(event, fault);
  }

  /** How many were checked. */
  get events(): number {
    return this.#events;
  }

  /** Usage that was reversed; what was given back is examined in a second pass (`ReversalVerifier`). */
  get reversed(): ReadonlySet<string> {
    return this.#reversed;
  }

  /** For what is examined beside it. */
  find(revision: number, check: Check, message: string): void {
    this.#findingCount += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ revision, check, message });
  }

  finish(): Verification {
    if (this.#folds) this.#compareWithFold();
    return {
      customerId: this.customerId,
      events: this.#events,
      revision: this.#revision,
      headHash: this.#hash,
      findings: this.#findings,
      findingCount: this.#findingCount,
      state: this.#state,
    };
  }

  #fold(event: AccountEvent, fault: (check: Check, message: string) => void): void {
    if (!this.#folds) return;
    try {
      this.#state = evolve(this.#state, event);
    } catch (error) {
      this.#folds = false;
      fault('conservation', `cannot be folded: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Every grant of the domain's account must be what the second set of books says. */
  #compareWithFold(): void {
    for (const wallet of Object.values(this.#state.wallets)) {
      const booked = this.#book.wallet(wallet.creditSystem).grants;
      const folded = new Map([...wallet.closed, ...wallet.grants].map((grant) => [grant.grantId, grant]));
      for (const [grantId, book] of booked) {
        const grant = folded.get(grantId);
        for (const part of PARTS) {
          if (grant?.[part].units !== book[part]) this.#differs(grantId, part, book[part], grant);
        }
      }
    }
  }

  #differs(grantId: string, part: (typeof PARTS)[number], booked: bigint, grant: Grant | undefined): void {
    const message = `grant ${grantId}: ${part} is booked as ${text(booked)}, but folds to ${grant?.[part].toString() ?? 'nothing'}`;
    this.find(this.#revision, 'conservation', message);
  }
}

function decoded(
  recorded: RecordedEvent,
  fault: (check: Check, message: string) => void,
): AccountEvent | undefined {
  try {
    return decodeAccountEvent(recorded.type, recorded.data);
  } catch (error) {
    fault('unreadable', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function claimedHash(previous: string, recorded: RecordedEvent): string {
  try {
    return readLink(recorded.metadata).hash;
  } catch {
    return chainHash(previous, recorded);
  }
}
