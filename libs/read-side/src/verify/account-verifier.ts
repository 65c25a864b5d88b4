import { decodeAccountEvent } from '#contracts';
import { evolve, initialAccount, type AccountEvent, type AccountState, type Grant } from '#domain';
import type { EventsDamaged, Position, RecordedEvent } from '#event-store';
import { AccountBook, type BookRules } from './account-book.js';
import { PARTS } from './booked-grant.js';
import { ChainCheck } from './chain-check.js';
import { text } from './exact.js';
import { decodedOrFault } from './decoded-or-fault.js';
import type { Check, Fault, Finding } from './finding.js';
import { Findings } from './findings.js';
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
  /** Where what is damaged stands; each was a finding. */
  readonly damagedAt: readonly Position[];
  /** The account as the domain folds it. */
  readonly state: AccountState;
}

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
  readonly #findings = new Findings();
  readonly #chain = new ChainCheck();
  readonly #damagedAt: Position[] = [];
  #events = 0;
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
    const fault: Fault = (check, message) => this.find(recorded.revision, check, message);
    this.#events += 1;
    this.#chain.check(recorded, fault);
    const event = decodedOrFault(recorded, decodeAccountEvent, fault);
    if (!event) return;
    if (event.recordedAt < this.#recordedAt) {
      fault('revision', `recorded at ${event.recordedAt}, after an event recorded at ${this.#recordedAt}`);
    } else this.#recordedAt = event.recordedAt;
    this.#onceOnly.check(event, fault);
    if (event.type === 'DebitReversed') this.#reversed.add(reversedIdentity(event));
    this.#book.book(event, fault);
    this.#fold(event, fault);
  }

  /** Of the last event that was checked; -1: there was none. */
  get revision(): number {
    return this.#chain.revision;
  }

  /** The account has credits of a system that the catalog, as it was read, does not have. */
  get knowsTooLittle(): boolean {
    return this.#book.knowsTooLittle;
  }

  /** Usage that was reversed; what was given back is examined in a second pass (`ReversalVerifier`). */
  get reversed(): ReadonlySet<string> {
    return this.#reversed;
  }

  /** What stands there instead of events. */
  damaged({ revision, position, why }: EventsDamaged): void {
    this.#damagedAt.push(position);
    this.find(revision, 'unreadable', why);
  }

  /** For what is examined beside it. */
  find(revision: number, check: Check, message: string): void {
    this.#findings.add(revision, check, message);
  }

  finish(): Verification {
    const { revision, hash } = this.#chain;
    this.#book.finish((check, message) => this.find(revision, check, message));
    if (this.#folds) this.#compareWithFold();
    return {
      customerId: this.customerId,
      events: this.#events,
      revision,
      headHash: hash,
      findings: this.#findings.kept,
      findingCount: this.#findings.count,
      damagedAt: this.#damagedAt,
      state: this.#state,
    };
  }

  #fold(event: AccountEvent, fault: Fault): void {
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
    this.find(this.#chain.revision, 'conservation', message);
  }
}
