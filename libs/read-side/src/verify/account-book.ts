import {
  identityOf,
  type AccountEvent,
  type CreditsDebited,
  type DebitReversed,
  type Draw,
  type HoldCaptured,
  type HoldReleased,
  type UsageUncovered,
} from '#domain';
import { rounded, text } from './exact.js';
import type { Fault } from './finding.js';
import { recountDraws, sameDraws, type RecountedClaim } from './recount-draws.js';
import { WalletBook } from './wallet-book.js';

export interface BookRules {
  /** Tolerated difference of clocks under which the ledger decided. */
  readonly clockSkewMs: number;
  /**
   * Decimals of a credit system; undefined: the catalog does not have it. Left out: there is no catalog that could be
   * read, and the rounding of debits is not checked.
   */
  readonly scaleOf?: (creditSystem: string) => number | undefined;
}

/** A second set of books for one account: every event is booked by its own amounts and checked against the rules. */
export class AccountBook {
  readonly wallets = new Map<string, WalletBook>();
  /** The debit just booked that left something uncovered: the rest must follow at once. */
  #debit: CreditsDebited | undefined;
  #knowsTooLittle = false;

  constructor(private readonly rules: BookRules) {}

  /** There are credits of a system that the catalog does not have. */
  get knowsTooLittle(): boolean {
    return this.#knowsTooLittle;
  }

  book(event: AccountEvent, fault: Fault): void {
    const debit = this.#debit;
    this.#debit = event.type === 'CreditsDebited' && !event.uncovered.isZero ? event : undefined;
    const isItsRest =
      event.type === 'UsageUncovered' && identityOf(event.cause) === identityOf(debit?.cause ?? event.cause);
    if (debit && !isItsRest) restIsMissing(debit, fault);
    if (event.type === 'SubscriptionStarted') return;
    if (event.type === 'SubscriptionChanged' || event.type === 'SubscriptionCancelled') {
      for (const { creditSystem, grantId, expiresAt } of event.endedGrants) {
        this.wallet(creditSystem).endEarly(grantId, expiresAt, event.occurredAt);
      }
      return;
    }
    if (!this.wallets.has(event.creditSystem)) this.#requireKnown(event.creditSystem, fault);
    const wallet = this.wallet(event.creditSystem);
    this.#bookCredits(event, wallet, debit, fault);
    wallet.compareBalance(event.balance, fault);
    // Events from before it was told lack it, also where it was not nothing.
    if (event.unusable) wallet.compareUnusable(event.unusable, event.recordedAt, fault);
  }

  /** Once every event is booked. */
  finish(fault: Fault): void {
    if (this.#debit) restIsMissing(this.#debit, fault);
  }

  wallet(creditSystem: string): WalletBook {
    const known = this.wallets.get(creditSystem) ?? new WalletBook(creditSystem);
    this.wallets.set(creditSystem, known);
    return known;
  }

  #requireKnown(creditSystem: string, fault: Fault): void {
    if (!this.rules.scaleOf || this.rules.scaleOf(creditSystem) !== undefined) return;
    this.#knowsTooLittle = true;
    fault('draws', `credit system ${creditSystem} is not in the catalog: no debit of it can be recounted`);
  }

  #bookCredits(
    event: AccountEvent,
    wallet: WalletBook,
    debit: CreditsDebited | undefined,
    fault: Fault,
  ): void {
    switch (event.type) {
      case 'CreditsGranted':
        wallet.open(event, event.amount.units, event.occurredAt, fault);
        return;
      case 'CreditsDebited':
        this.#debited(event, wallet, fault);
        return;
      case 'UsageUncovered':
        this.#uncovered(event, wallet, debit, fault);
        return;
      case 'CreditsExpired': {
        const left = wallet.grants.get(event.grantId)?.available;
        if (left !== undefined && left !== event.amount.units) {
          fault(
            'conservation',
            `grant ${event.grantId} had ${text(left)} left, but ${event.amount.toString()} expired`,
          );
        }
        wallet.move(event.grantId, 'available', 'expired', event.amount.units, fault);
        return;
      }
      case 'CreditsRolledOver':
        wallet.move(event.fromGrantId, 'available', 'rolledOver', event.amount.units, fault);
        wallet.open(event.into, event.amount.units, event.occurredAt, fault);
        return;
      case 'CreditsVoided':
        wallet.move(event.grantId, 'available', 'voided', event.amount.units, fault);
        if (event.held) wallet.voidInHold(event.grantId);
        return;
      case 'DebitReversed':
        reversed(event, wallet, fault);
        return;
      case 'HoldPlaced': {
        const claim = this.#claim(event.feature, event.occurredAt);
        compareDraws('the hold', event.draws, wallet, claim, event.amount.units, fault);
        wallet.moveAll(event.draws, 'available', 'held', fault);
        wallet.holds.set(event.holdId, event.draws);
        return;
      }
      case 'HoldCaptured':
        closeHold(event, [...event.draws, ...event.returned], wallet, fault);
        wallet.moveAll(event.returned, 'held', 'available', fault);
        wallet.moveAll(event.draws, 'held', 'consumed', fault);
        this.#beyond(event, wallet, fault);
        return;
      case 'HoldReleased':
        closeHold(event, event.returned, wallet, fault);
        wallet.moveAll(event.returned, 'held', 'available', fault);
        return;
      case 'SubscriptionStarted':
      case 'SubscriptionChanged':
      case 'SubscriptionCancelled':
      case 'LowBalanceReached':
      case 'LowBalanceCleared':
      case 'AutoTopUpConfigured':
      case 'AutoTopUpRequested':
      case 'AutoTopUpFailed':
      case 'AutoTopUpStopped':
        return;
    }
  }

  #debited(event: CreditsDebited, wallet: WalletBook, fault: Fault): void {
    const { usage, draws, uncovered } = event;
    this.#compareCost(event, wallet, fault);
    const total = draws.reduce((sum, draw) => sum + draw.amount.units, 0n) + uncovered.units;
    if (total !== usage.amount.units) {
      fault('draws', `cost ${usage.amount.toString()}, but draws and uncovered add up to ${text(total)}`);
    }
    const claim = this.#claim(usage.feature, usage.placedAt);
    compareDraws('the debit', draws, wallet, claim, usage.amount.units, fault);
    wallet.moveAll(draws, 'available', 'consumed', fault);
  }

  #uncovered(
    event: UsageUncovered,
    wallet: WalletBook,
    debit: CreditsDebited | undefined,
    fault: Fault,
  ): void {
    const { usage, uncovered, disposition } = event;
    const expected = debit ? debit.uncovered : usage.amount;
    if (!uncovered.equals(expected)) {
      fault(
        'draws',
        `${uncovered.toString()} credits uncovered, but ${expected.toString()} were left to pay`,
      );
    }
    this.#compareCost(event, wallet, fault);
    // Whatever the debit before has left: nothing that may pay must have anything.
    compareDraws(
      'the uncovered rest',
      [],
      wallet,
      this.#claim(usage.feature, usage.placedAt),
      uncovered.units,
      fault,
    );
    wallet.uncovered[disposition] += uncovered.units;
  }

  #compareCost({ usage }: CreditsDebited | UsageUncovered, { creditSystem }: WalletBook, fault: Fault): void {
    const scale = this.rules.scaleOf?.(creditSystem);
    if (scale === undefined) return;
    const cost = rounded(usage.quantity.units, usage.creditCost.units, scale);
    if (cost === usage.amount.units) return;
    fault(
      'draws',
      `${usage.quantity.toString()} × ${usage.creditCost.toString()} to ${scale} decimals is ${text(cost)}, ` +
        `but ${usage.amount.toString()} was debited`,
    );
  }

  #beyond({ beyond, feature, occurredAt }: HoldCaptured, wallet: WalletBook, fault: Fault): void {
    const total = beyond.reduce((sum, draw) => sum + draw.amount.units, 0n);
    compareDraws('the capture', beyond, wallet, this.#claim(feature, occurredAt), total, fault);
    wallet.moveAll(beyond, 'available', 'consumed', fault);
  }

  #claim(feature: string | null, at: RecountedClaim['at']): RecountedClaim {
    return { feature, at, clockSkewMs: this.rules.clockSkewMs };
  }
}

function restIsMissing({ uncovered }: CreditsDebited, fault: Fault): void {
  fault('draws', `${uncovered.toString()} credits of the debit before are uncovered, but not recorded`);
}

function compareDraws(
  what: string,
  draws: readonly Draw[],
  wallet: WalletBook,
  claim: RecountedClaim,
  amount: bigint,
  fault: Fault,
): void {
  const recounted = recountDraws(wallet.grants.values(), claim, amount);
  if (sameDraws(recounted, draws)) return;
  const expected = recounted.map((draw) => `${draw.grantId} ${text(draw.amount)}`).join(', ');
  const found = draws.map((draw) => `${draw.grantId} ${draw.amount.toString()}`).join(', ');
  fault(
    'draws',
    `${what} drew ${found || 'nothing'}, but the burn-down order gives ${expected || 'nothing'}`,
  );
}

function reversed(event: DebitReversed, wallet: WalletBook, fault: Fault): void {
  wallet.moveAll(event.restored, 'consumed', 'available', fault);
  const total = event.restored.reduce((sum, draw) => sum + draw.amount.units, 0n) + event.uncovered.units;
  if (total !== event.amount.units) {
    fault('draws', `reversed ${event.amount.toString()}, but what was given back adds up to ${text(total)}`);
  }
  for (const { grantId, reopened } of event.restored) {
    if (reopened?.expiresAt) wallet.endEarly(grantId, reopened.expiresAt, event.occurredAt);
  }
  if (event.disposition === undefined) return;
  wallet.uncovered[event.disposition] -= event.uncovered.units;
  if (wallet.uncovered[event.disposition] < 0n)
    fault('conservation', `more uncovered usage written off than there was`);
}

/** What a hold set aside is consumed or given back, all of it and nothing else. */
function closeHold(
  { holdId }: HoldCaptured | HoldReleased,
  moved: readonly Draw[],
  wallet: WalletBook,
  fault: Fault,
): void {
  const held = wallet.holds.get(holdId);
  if (!held) {
    fault('conservation', `hold ${holdId} is not open`);
    return;
  }
  wallet.holds.delete(holdId);
  const byGrant = new Map<string, bigint>();
  for (const { grantId, amount } of held) byGrant.set(grantId, (byGrant.get(grantId) ?? 0n) + amount.units);
  for (const { grantId, amount } of moved) byGrant.set(grantId, (byGrant.get(grantId) ?? 0n) - amount.units);
  for (const [grantId, rest] of byGrant) {
    if (rest !== 0n)
      fault('conservation', `hold ${holdId}: ${text(rest)} of grant ${grantId} neither used nor given back`);
  }
}
