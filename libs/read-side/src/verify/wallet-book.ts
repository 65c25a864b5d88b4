import type { Balance, CreditSource, Draw, GrantTerms, Instant, Unusable } from '#domain';
import { bookGrant, type BookedGrant, type Part } from './booked-grant.js';
import { text } from './exact.js';
import type { Fault } from './finding.js';

/** One wallet, booked grant by grant from what its events say was moved. */
export class WalletBook {
  readonly grants = new Map<string, BookedGrant>();
  readonly holds = new Map<string, readonly Draw[]>();
  readonly uncovered = { blocked: 0n, billable: 0n };

  constructor(readonly creditSystem: string) {}

  open(terms: GrantTerms, amount: bigint, grantedAt: Instant, fault: Fault): void {
    if (this.grants.has(terms.grantId)) fault('conservation', `grant ${terms.grantId} was granted already`);
    if (amount < 0n) fault('conservation', `grant ${terms.grantId} of ${text(amount)} credits`);
    this.grants.set(terms.grantId, bookGrant(terms, amount, grantedAt));
  }

  /** Moves credits within a grant; none of its parts may become negative. */
  move(grantId: string, from: Part, to: Part, amount: bigint, fault: Fault): void {
    const grant = this.grants.get(grantId);
    if (!grant) {
      fault('conservation', `grant ${grantId} was never granted`);
      return;
    }
    if (amount < 0n) fault('conservation', `grant ${grantId}: ${text(amount)} moved from ${from} to ${to}`);
    grant[from] -= amount;
    grant[to] += amount;
    if (grant[from] < 0n) {
      fault(
        'conservation',
        `grant ${grantId}: ${text(amount)} moved from ${from} to ${to}, but only ${text(grant[from] + amount)} was there`,
      );
    }
  }

  moveAll(draws: readonly Draw[], from: Part, to: Part, fault: Fault): void {
    for (const { grantId, amount, source } of draws) {
      const grant = this.grants.get(grantId);
      if (grant && grant.source !== source) {
        fault('conservation', `grant ${grantId} is ${grant.source}, but was drawn as ${source}`);
      }
      this.move(grantId, from, to, amount.units, fault);
    }
  }

  /** The balance that an event carries must be the sum of the grants. */
  compareBalance(balance: Balance, fault: Fault): void {
    const sums: Record<CreditSource | 'held', bigint> = {
      included: 0n,
      purchased: 0n,
      promotional: 0n,
      held: 0n,
    };
    for (const grant of this.grants.values()) {
      sums[grant.source] += grant.available;
      sums.held += grant.held;
    }
    for (const kind of ['included', 'purchased', 'promotional', 'held'] as const) {
      if (balance[kind].units === sums[kind]) continue;
      fault(
        'conservation',
        `wallet ${this.creditSystem}: the event says ${kind} ${balance[kind].toString()}, the grants add up to ${text(sums[kind])}`,
      );
    }
  }

  /** What an event says that its balance had at a moment and could not be used: of grants that had ended, had not begun, or were voided. */
  compareUnusable(unusable: Unusable, at: Instant, fault: Fault): void {
    const sums: Record<CreditSource, bigint> = { included: 0n, purchased: 0n, promotional: 0n };
    for (const grant of this.grants.values()) {
      const { source, available, effectiveAt, expiresAt, voided, voidedInHold } = grant;
      const isVoided = voided > 0n || voidedInHold;
      if (effectiveAt > at || (expiresAt !== null && expiresAt <= at) || isVoided) sums[source] += available;
    }
    for (const source of ['included', 'purchased', 'promotional'] as const) {
      if (unusable[source].units === sums[source]) continue;
      fault(
        'conservation',
        `wallet ${this.creditSystem}: the event says ${source} ${unusable[source].toString()} cannot be used at ${at}, the grants add up to ${text(sums[source])}`,
      );
    }
  }

  voidInHold(grantId: string): void {
    const grant = this.grants.get(grantId);
    if (grant) grant.voidedInHold = true;
  }

  endEarly(grantId: string, expiresAt: Instant, decidedAt: Instant): void {
    const grant = this.grants.get(grantId);
    // A closed grant may be named as well as an open one.
    if (!grant) return;
    grant.plannedEnds.push({ until: decidedAt, expiresAt: grant.expiresAt });
    grant.expiresAt = expiresAt;
  }
}
