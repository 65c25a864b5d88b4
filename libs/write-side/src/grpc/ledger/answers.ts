import { drawMessages, priceMessage, toTimestampOrNull, type rpc } from '#contracts';
import type { AccountEvent } from '#domain';
import { walletMessage, walletMessages } from './wallet-messages.js';

/** What every answer to a command says. */
export interface Answered {
  readonly revision: number;
  /** True when the key was answered before: nothing changed, and this is the first answer again. */
  readonly duplicate: boolean;
}

type EventOf<T extends AccountEvent['type']> = Extract<AccountEvent, { type: T }>;

/** The event of a type among those that a command caused. */
function the<T extends AccountEvent['type']>(events: readonly AccountEvent[], type: T): EventOf<T> {
  const found = events.find((event): event is EventOf<T> => event.type === type);
  if (!found)
    throw new Error(`no ${type} among ${events.map((event) => event.type).join(', ') || 'no events'}`);
  return found;
}

/** The wallet as the last of the events that touched it left it. */
function walletAfter(events: readonly AccountEvent[], creditSystem: string): rpc.WalletBalance | null {
  return walletMessages(events).find((wallet) => wallet.creditSystem === creditSystem) ?? null;
}

export function subscriptionStarted(
  events: readonly AccountEvent[],
  answered: Answered,
): rpc.StartSubscriptionResponse {
  const { subscriptionId, plan, startsAt } = the(events, 'SubscriptionStarted');
  return {
    ...answered,
    subscriptionId,
    plan,
    startsAt: toTimestampOrNull(startsAt),
    wallets: walletMessages(events),
  };
}

export function subscriptionChanged(
  events: readonly AccountEvent[],
  answered: Answered,
): rpc.ChangeSubscriptionResponse {
  const { from, to, effectiveAt } = the(events, 'SubscriptionChanged');
  return {
    ...answered,
    from,
    to,
    effectiveAt: toTimestampOrNull(effectiveAt),
    wallets: walletMessages(events),
  };
}

export function subscriptionCancelled(
  events: readonly AccountEvent[],
  answered: Answered,
): rpc.CancelSubscriptionResponse {
  const { endsAt } = the(events, 'SubscriptionCancelled');
  return { ...answered, endsAt: toTimestampOrNull(endsAt), wallets: walletMessages(events) };
}

export function creditsGranted(
  events: readonly AccountEvent[],
  answered: Answered,
): rpc.GrantCreditsResponse {
  const { grantId, expiresAt, creditSystem } = the(events, 'CreditsGranted');
  return {
    ...answered,
    grantId,
    expiresAt: toTimestampOrNull(expiresAt),
    wallet: walletAfter(events, creditSystem),
  };
}

export function creditsPurchased(
  events: readonly AccountEvent[],
  answered: Answered,
): rpc.PurchaseCreditsResponse {
  const { grantId, expiresAt, creditSystem, origin } = the(events, 'CreditsGranted');
  return {
    ...answered,
    grantId,
    price: 'price' in origin ? priceMessage(origin.price) : null,
    expiresAt: toTimestampOrNull(expiresAt),
    wallet: walletAfter(events, creditSystem),
  };
}

export function grantVoided(events: readonly AccountEvent[], answered: Answered): rpc.VoidGrantResponse {
  const { amount, consumed, held, creditSystem } = the(events, 'CreditsVoided');
  return {
    ...answered,
    voided: amount.toString(),
    consumed: consumed.toString(),
    held: held?.toString() ?? '0',
    wallet: walletAfter(events, creditSystem),
  };
}

export function holdPlaced(events: readonly AccountEvent[], answered: Answered): rpc.PlaceHoldResponse {
  const { holdId, amount, draws, creditSystem } = the(events, 'HoldPlaced');
  return {
    ...answered,
    holdId,
    amount: amount.toString(),
    draws: drawMessages(draws),
    wallet: walletAfter(events, creditSystem),
  };
}

export function holdCaptured(events: readonly AccountEvent[], answered: Answered): rpc.CaptureHoldResponse {
  const { amount, draws, beyond, returned, creditSystem } = the(events, 'HoldCaptured');
  return {
    ...answered,
    amount: amount.toString(),
    draws: drawMessages(draws),
    beyond: drawMessages(beyond),
    returned: drawMessages(returned),
    wallet: walletAfter(events, creditSystem),
  };
}

export function holdReleased(events: readonly AccountEvent[], answered: Answered): rpc.ReleaseHoldResponse {
  const { returned, creditSystem } = the(events, 'HoldReleased');
  return { ...answered, returned: drawMessages(returned), wallet: walletAfter(events, creditSystem) };
}

export function debitReversed(events: readonly AccountEvent[], answered: Answered): rpc.ReverseDebitResponse {
  const { amount, restored, uncovered, creditSystem } = the(events, 'DebitReversed');
  return {
    ...answered,
    amount: amount.toString(),
    restored: drawMessages(restored),
    uncovered: uncovered.toString(),
    wallet: walletAfter(events, creditSystem),
  };
}

export function autoTopUpConfigured(
  events: readonly AccountEvent[],
  answered: Answered,
): rpc.ConfigureAutoTopUpResponse {
  const configured = the(events, 'AutoTopUpConfigured');
  return {
    ...answered,
    wallet: walletAfter(events, configured.creditSystem) ?? walletMessage(configured),
  };
}

export function topUpPaymentReported(
  events: readonly AccountEvent[],
  answered: Answered,
): rpc.ReportTopUpPaymentResponse {
  const granted = events.find((event) => event.type === 'CreditsGranted');
  const failed = events.find((event) => event.type === 'AutoTopUpFailed');
  const creditSystem = granted?.creditSystem ?? failed?.creditSystem ?? '';
  return { ...answered, grantId: granted?.grantId ?? '', wallet: walletAfter(events, creditSystem) };
}
