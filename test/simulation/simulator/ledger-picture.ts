import {
  Amount,
  identityOf,
  walletView,
  type AccountEvent,
  type AccountState,
  type Draw,
  type Grant,
  type Instant,
  type Wallet,
} from '#domain';
import type { WalletPicture } from '../model/index.js';

/** Grants that left the account's state, by wallet: a ledger's state alone does not hold them. */
export type ClosedGrants = ReadonlyMap<string, readonly Grant[]>;

/** An account of the ledger in the words of the model, at an instant. */
export function ledgerPicture(
  state: AccountState,
  events: readonly AccountEvent[],
  closed: ClosedGrants,
  at: Instant,
): Readonly<Record<string, WalletPicture>> {
  const debits = debitsOf(events);
  const crossings = crossingsOf(events);
  return Object.fromEntries(
    Object.values(state.wallets).map((wallet): [string, WalletPicture] => {
      const { creditSystem } = wallet;
      const view = walletView(state, creditSystem, at);
      const grants = new Map<string, Grant>();
      for (const grant of [...(closed.get(creditSystem) ?? []), ...wallet.closed, ...wallet.grants]) {
        grants.set(grant.grantId, grant);
      }
      return [
        creditSystem,
        {
          available: view.totalAvailable.toString(),
          included: view.included.toString(),
          promotional: view.promotional.toString(),
          purchased: view.purchased.toString(),
          held: view.held.toString(),
          pendingExpiry: view.pendingExpiry.toString(),
          blocked: view.uncovered.blocked.toString(),
          billable: view.uncovered.billable.toString(),
          low: view.low,
          crossings: crossings.get(creditSystem) ?? [],
          autoTopUp: autoTopUpPicture(wallet, at),
          purchasedUnder: state.subscriptions
            .filter(({ purchasedIn }) => purchasedIn.includes(creditSystem))
            .map(({ id }) => id),
          grants: Object.fromEntries([...grants].map(([id, grant]) => [id, grantPicture(grant)])),
          debits: debits.get(creditSystem) ?? {},
        },
      ];
    }),
  );
}

function autoTopUpPicture({ autoTopUp }: Wallet, at: Instant): WalletPicture['autoTopUp'] {
  if (autoTopUp === null) return null;
  const { subscriptionId, terms, stopped, consecutiveFailures, inFlight, askedOn } = autoTopUp;
  return {
    subscription: subscriptionId,
    enabled: terms.enabled,
    stopped: stopped !== null,
    failures: consecutiveFailures,
    awaited: inFlight && `${inFlight.quantity.toString()} as ${inFlight.requestId}`,
    askedToday: at.startsWith(askedOn.day) ? askedOn.daily.toString() : '0',
    askedThisMonth: at.startsWith(askedOn.month) ? askedOn.monthly.toString() : '0',
  };
}

function crossingsOf(events: readonly AccountEvent[]): ReadonlyMap<string, readonly string[]> {
  const crossings = new Map<string, string[]>();
  for (const { type, occurredAt, ...event } of events) {
    if ((type !== 'LowBalanceReached' && type !== 'LowBalanceCleared') || !('creditSystem' in event))
      continue;
    const ofWallet = crossings.get(event.creditSystem) ?? [];
    crossings.set(event.creditSystem, ofWallet);
    ofWallet.push(`${type === 'LowBalanceReached' ? 'below' : 'above'} from ${occurredAt}`);
  }
  return crossings;
}

/** Grants are never changed, only replaced: each is described once. */
const pictures = new WeakMap<Grant, WalletPicture['grants'][string]>();

function grantPicture(grant: Grant): WalletPicture['grants'][string] {
  let known = pictures.get(grant);
  if (known === undefined) pictures.set(grant, (known = describe(grant)));
  return known;
}

function describe(grant: Grant): WalletPicture['grants'][string] {
  return {
    granted: grant.granted.toString(),
    available: grant.available.toString(),
    held: grant.held.toString(),
    consumed: grant.consumed.toString(),
    expired: grant.expired.toString(),
    voided: grant.voided.toString(),
    rolledOver: grant.rolledOver.toString(),
  };
}

interface Debited {
  readonly draws: readonly Draw[];
  readonly uncovered: Amount;
}

function debitsOf(events: readonly AccountEvent[]): ReadonlyMap<string, WalletPicture['debits']> {
  const wallets = new Map<string, Map<string, Debited>>();
  for (const event of events) {
    if ((event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') || event.cause.kind !== 'usage')
      continue;
    const wallet = wallets.get(event.creditSystem) ?? new Map<string, Debited>();
    wallets.set(event.creditSystem, wallet);
    const id = JSON.stringify([event.cause.source, event.cause.id]);
    const draws = event.type === 'CreditsDebited' ? event.draws : (wallet.get(id)?.draws ?? []);
    wallet.set(id, { draws, uncovered: event.uncovered });
  }
  return new Map(
    [...wallets].map(([wallet, debits]) => [
      wallet,
      Object.fromEntries(
        [...debits].map(([id, { draws, uncovered }]) => [
          id,
          {
            draws: draws.map(({ grantId, amount }) => `${amount.toString()} of ${grantId}`),
            uncovered: uncovered.toString(),
          },
        ]),
      ),
    ]),
  );
}

/** What must hold of any account whatever happened to it; the first thing that does not, in words. */
export function brokenInvariant(events: readonly AccountEvent[]): string | undefined {
  const debited = new Set<string>();
  for (const event of events) {
    if (event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') continue;
    const id = `${event.type} ${identityOf(event.cause) ?? 'settlement'}`;
    if (debited.has(id)) return `${id} stands in the stream twice`;
    debited.add(id);
    if (event.type === 'UsageUncovered') continue;
    const paid = Amount.sum(event.draws.map(({ amount }) => amount)).plus(event.uncovered);
    if (!paid.equals(event.usage.amount)) return `${id}: draws and uncovered add up to ${paid.toString()}`;
  }
  return undefined;
}

export function brokenConservation(state: AccountState): string | undefined {
  for (const { creditSystem, grants, closed, balance } of Object.values(state.wallets)) {
    for (const grant of [...grants, ...closed]) {
      const { granted, available, held, consumed, expired, voided, rolledOver } = grant;
      const parts = [available, held, consumed, expired, voided, rolledOver];
      const negative = parts.some((part) => part.isNegative);
      if (negative || !Amount.sum(parts).equals(granted)) return `grant ${grant.grantId} is not conserved`;
    }
    for (const source of ['included', 'purchased', 'promotional'] as const) {
      const there = Amount.sum(
        grants.filter((grant) => grant.source === source).map(({ available }) => available),
      );
      if (!there.equals(balance[source]))
        return `${creditSystem}: balance ${source} is not what its grants add up to`;
    }
    const held = Amount.sum(grants.map((grant) => grant.held));
    if (!held.equals(balance.held)) return `${creditSystem}: balance held is not what its grants add up to`;
  }
  return undefined;
}
