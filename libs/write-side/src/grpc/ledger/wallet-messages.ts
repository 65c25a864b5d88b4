import type { rpc } from '#contracts';
import type { AccountEvent, CreditSource, WalletFact } from '#domain';

/** What can be spent after an event, as the event itself says. */
export function walletMessage({
  creditSystem,
  balance,
  unusable,
}: Pick<WalletFact, 'creditSystem' | 'balance' | 'unusable'>): rpc.WalletBalance {
  const usable = (source: CreditSource) =>
    unusable === undefined ? balance[source] : balance[source].minus(unusable[source]);
  const [included, purchased, promotional] = [usable('included'), usable('purchased'), usable('promotional')];
  return {
    creditSystem,
    totalAvailable: included.plus(purchased).plus(promotional).toString(),
    included: included.toString(),
    purchased: purchased.toString(),
    promotional: promotional.toString(),
    held: balance.held.toString(),
  };
}

/** The wallets that events touched, each as the last of them left it. */
export function walletMessages(events: readonly AccountEvent[]): rpc.WalletBalance[] {
  const wallets = new Map<string, rpc.WalletBalance>();
  for (const event of events) {
    if ('balance' in event) wallets.set(event.creditSystem, walletMessage(event));
  }
  return [...wallets.values()];
}
