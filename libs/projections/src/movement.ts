import { Amount, type AccountEvent, type Balance, type CreditSource, type Draw, type Wallet } from '#domain';
import type { TransactionType } from './rows.js';

/** What one event moved, by its own amounts. */
export interface Movement {
  readonly type: TransactionType;
  readonly change: Balance;
  readonly touched: readonly CreditSource[];
  readonly uncovered: Amount;
  readonly feature: string | null;
  readonly grantId: string | null;
  readonly holdId: string | null;
  /** The usage it is about; null: the cause's, if that is usage. */
  readonly usage: { readonly source: string; readonly id: string } | null;
}

export type WalletEvent = Extract<AccountEvent, { readonly creditSystem: string; readonly balance: Balance }>;

export function isWalletEvent(event: AccountEvent): event is WalletEvent {
  return 'creditSystem' in event && 'balance' in event;
}

/**
 * Undefined for an event that moves no credits.
 * @param before the wallet as it was; undefined: this is its first event
 */
export function movementOf(event: WalletEvent, before: Wallet | undefined): Movement | undefined {
  switch (event.type) {
    case 'CreditsGranted': {
      const type = event.source === 'purchased' ? 'purchased' : 'granted';
      return movement(type, tally().add(event), { grantId: event.grantId });
    }
    case 'CreditsDebited':
      return movement('debited', tally().takeAll(event.draws), { feature: event.usage.feature });
    case 'UsageUncovered':
      return movement('uncovered', tally(), { feature: event.usage.feature, uncovered: event.uncovered });
    case 'CreditsExpired':
      return movement('expired', tally().take(event), { grantId: event.grantId });
    case 'CreditsRolledOver': {
      const { fromGrantId, amount, into } = event;
      const from = before?.grants.find((grant) => grant.grantId === fromGrantId);
      if (!from) throw new Error(`rolled over from grant ${fromGrantId}, which the wallet does not have`);
      const moved = tally().take({ source: from.source, amount }).add({ source: into.source, amount });
      return movement('rolledOver', moved, { grantId: fromGrantId });
    }
    case 'CreditsVoided':
      return movement('voided', tally().take(event), { grantId: event.grantId });
    case 'DebitReversed':
      return movement('reversed', tally().addAll(event.restored), {
        uncovered: event.uncovered.negated(),
        usage: event.usage,
        feature: event.feature ?? null,
      });
    case 'HoldPlaced': {
      const { holdId, feature, draws } = event;
      return movement('held', tally().takeAll(draws).hold(draws), { holdId, feature });
    }
    case 'HoldCaptured': {
      const { holdId, feature, draws, beyond, returned } = event;
      const moved = tally().unhold(draws).unhold(returned).takeAll(beyond).addAll(returned);
      return movement('captured', moved, { holdId, feature });
    }
    case 'HoldReleased':
      return movement('released', tally().unhold(event.returned).addAll(event.returned), {
        holdId: event.holdId,
        feature: event.feature ?? null,
      });
    case 'LowBalanceReached':
    case 'LowBalanceCleared':
    case 'AutoTopUpConfigured':
    case 'AutoTopUpRequested':
    case 'AutoTopUpFailed':
    case 'AutoTopUpStopped':
      return undefined;
  }
}

type Part = Pick<Draw, 'source' | 'amount'>;

const SOURCES = ['included', 'purchased', 'promotional'] as const satisfies readonly CreditSource[];

/** Adds up what moves. */
class Tally {
  private readonly changes = { included: 0n, purchased: 0n, promotional: 0n, held: 0n };
  private readonly moved = new Set<CreditSource>();

  add({ source, amount }: Part): this {
    this.changes[source] += amount.units;
    this.moved.add(source);
    return this;
  }

  take({ source, amount }: Part): this {
    this.changes[source] -= amount.units;
    this.moved.add(source);
    return this;
  }

  addAll(parts: readonly Part[]): this {
    for (const part of parts) this.add(part);
    return this;
  }

  takeAll(parts: readonly Part[]): this {
    for (const part of parts) this.take(part);
    return this;
  }

  hold(parts: readonly Part[]): this {
    for (const { source, amount } of parts) {
      this.changes.held += amount.units;
      this.moved.add(source);
    }
    return this;
  }

  unhold(parts: readonly Part[]): this {
    for (const { source, amount } of parts) {
      this.changes.held -= amount.units;
      this.moved.add(source);
    }
    return this;
  }

  get change(): Balance {
    const { included, purchased, promotional, held } = this.changes;
    return {
      included: Amount.ofUnits(included),
      purchased: Amount.ofUnits(purchased),
      promotional: Amount.ofUnits(promotional),
      held: Amount.ofUnits(held),
    };
  }

  get touched(): readonly CreditSource[] {
    return SOURCES.filter((source) => this.moved.has(source));
  }
}

function tally(): Tally {
  return new Tally();
}

function movement(type: TransactionType, { change, touched }: Tally, about: Partial<Movement>): Movement {
  return {
    type,
    change,
    touched,
    uncovered: Amount.zero,
    feature: null,
    grantId: null,
    holdId: null,
    usage: null,
    ...about,
  };
}
