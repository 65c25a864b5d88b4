import type { Catalog } from '../../catalog/index.js';
import { instant, type Instant } from '../../time/index.js';
import {
  decide,
  evolve,
  identityOf,
  initialAccount,
  needsHistory,
  usageHorizon,
  walletOf,
  walletView,
  withoutClosedGrants,
  settledAt,
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  type Decision,
  type DecisionContext,
  type Grant,
  type History,
  type Seen,
  type WalletView,
} from '../index.js';

/** `2026-01-31` or any RFC 3339 date-time. */
export function moment(text: string): Instant {
  return instant(text.length === 10 ? `${text}T00:00:00Z` : text);
}

/** What the caller of `decide` does, in memory: remembers ids, finds history, appends what was decided. */
export class TestAccount {
  /** As a cache keeps it that never forgets a grant. */
  state: AccountState = initialAccount;
  readonly events: AccountEvent[] = [];
  readonly decisions: Decision[] = [];
  private readonly answered = new Map<string, Seen>();
  /** How far usage has been consumed, where it lags behind the clock. */
  consumedThrough: Instant | undefined;
  now: Instant;

  constructor(
    readonly catalog: Catalog,
    now = '2026-01-01',
    private readonly options: { readonly forgetClosedGrants?: boolean } = {},
  ) {
    this.now = moment(now);
  }

  at(now: string | Instant): this {
    this.now = moment(now);
    return this;
  }

  send(command: AccountCommand): Decision {
    const decision = this.decide(command);
    this.decisions.push(decision);
    if (decision.kind === 'decided') this.append([...decision.settlement, ...decision.events]);
    return decision;
  }

  /** Decides on what a snapshot and the read store would give: closed grants come as history only. */
  decide(command: AccountCommand): Decision {
    const state = this.options.forgetClosedGrants ? withoutClosedGrants(this.state) : this.state;
    const seen = this.seen(command);
    const history = this.history(state, command);
    return decide(state, command, { ...this.context, history, ...(seen === undefined ? {} : { seen }) });
  }

  get context(): DecisionContext {
    return {
      now: this.now,
      usageConsumedThrough: this.consumedThrough ?? this.now,
      catalog: this.catalog,
    };
  }

  append(events: readonly AccountEvent[]): void {
    for (const event of events) {
      const identity = identityOf(event.cause);
      if (identity !== null && event.cause.kind !== 'settlement' && !this.answered.has(identity)) {
        const { fingerprint } = event.cause;
        this.answered.set(identity, { fingerprint, revision: this.events.length });
      }
      this.events.push(event);
      this.state = evolve(this.state, event);
    }
  }

  get settled(): AccountState {
    return settledAt(this.state, this.context);
  }

  /** As a customer reads it now. */
  wallet(creditSystem = 'credits'): WalletView {
    return walletView(this.settled, creditSystem, this.now);
  }

  available(creditSystem = 'credits'): string {
    return this.wallet(creditSystem).totalAvailable.toString();
  }

  horizon(creditSystem = 'credits'): Instant {
    return usageHorizon(this.context, creditSystem);
  }

  /** Every grant there ever was, open or closed, by id. */
  grants(creditSystem = 'credits'): ReadonlyMap<string, Grant> {
    const { grants, closed } = walletOf(this.state, creditSystem);
    return new Map([...grants, ...closed].map((grant) => [grant.grantId, grant]));
  }

  private seen(command: AccountCommand): Seen | undefined {
    const identity = identityOf(command);
    return identity === null ? undefined : this.answered.get(identity);
  }

  private history(state: AccountState, command: AccountCommand): History {
    let history: History = {};
    for (;;) {
      const need = needsHistory(state, command, history);
      switch (need?.kind) {
        case undefined:
          return history;
        case 'debit': {
          const debit = this.events.filter(
            (event) =>
              (event.type === 'DebitReversed' &&
                event.usage.source === need.source &&
                event.usage.id === need.id) ||
              ((event.type === 'CreditsDebited' || event.type === 'UsageUncovered') &&
                event.cause.kind === 'usage' &&
                event.cause.source === need.source &&
                event.cause.id === need.id),
          );
          history = { ...history, debit: debit as NonNullable<History['debit']> };
          break;
        }
        case 'closedGrants': {
          const { closed } = walletOf(this.state, need.creditSystem);
          history = {
            ...history,
            closedGrants: closed.filter((grant) => need.grantIds.includes(grant.grantId)),
          };
          break;
        }
        case 'hold': {
          const { holdId } = need;
          const holdClosed = this.events.some(
            (event) => event.type === 'HoldPlaced' && event.holdId === holdId,
          );
          history = { ...history, holdClosed };
        }
      }
    }
  }
}
