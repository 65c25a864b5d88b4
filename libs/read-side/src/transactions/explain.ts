import { dispositionMessage, drawMessages, toTimestamp, type rpc } from '#contracts';
import type { AccountEvent, Cause, CreditsDebited, Draw, UsageUncovered } from '#domain';
import type { JournaledEvent } from '#journal';
import type { ToldTransaction } from '#projections';
import { causeMessage, originMessage } from '../messages/event-messages.js';
import { balanceBefore, transactionMessage } from './transaction-message.js';

/**
 * A movement explained by its own event, which carries everything: nothing is looked up and nothing priced again.
 * @param rest what could not be paid of the same usage event, where that is an event of its own
 */
export function explain(
  row: ToldTransaction,
  { event, customerId }: JournaledEvent,
  rest: UsageUncovered | undefined,
): rpc.GetTransactionResponse {
  return {
    transaction: transactionMessage(row),
    draws: drawMessages(drawsOf(event)),
    balanceBefore: balanceBefore(row),
    usage:
      event.type === 'CreditsDebited' || event.type === 'UsageUncovered'
        ? usageExplanation(customerId, event, event.type === 'UsageUncovered' ? event : rest)
        : null,
    origin: originOf(event),
    reason: event.type === 'CreditsVoided' || event.type === 'DebitReversed' ? event.reason : '',
    cause: causeMessage(event.cause),
  };
}

/** What was drawn from, given back to, or moved between grants. */
function drawsOf(event: AccountEvent): readonly Draw[] {
  switch (event.type) {
    case 'CreditsDebited':
    case 'HoldPlaced':
      return event.draws;
    case 'HoldCaptured':
      return [...event.draws, ...event.beyond];
    case 'HoldReleased':
      return event.returned;
    case 'DebitReversed':
      return event.restored;
    case 'CreditsGranted':
    case 'CreditsExpired':
    case 'CreditsVoided':
      return [{ grantId: event.grantId, source: event.source, amount: event.amount }];
    case 'CreditsRolledOver':
      return [{ grantId: event.into.grantId, source: event.into.source, amount: event.amount }];
    case 'UsageUncovered':
    case 'LowBalanceReached':
    case 'LowBalanceCleared':
    case 'AutoTopUpConfigured':
    case 'AutoTopUpRequested':
    case 'AutoTopUpFailed':
    case 'AutoTopUpStopped':
    case 'SubscriptionStarted':
    case 'SubscriptionChanged':
    case 'SubscriptionCancelled':
      return [];
  }
}

function originOf(event: AccountEvent): rpc.GrantOrigin | null {
  if (event.type === 'CreditsGranted') return originMessage(event.origin);
  if (event.type === 'CreditsRolledOver') return originMessage(event.into.origin);
  return null;
}

function usageExplanation(
  customerId: string,
  { usage, cause, occurredAt }: CreditsDebited | UsageUncovered,
  rest: UsageUncovered | undefined,
): rpc.UsageExplanation {
  return {
    event: {
      customerId,
      ...senderOf(cause),
      feature: usage.feature,
      quantity: usage.quantity.toString(),
      time: toTimestamp(occurredAt),
      dimensions: usage.dimensions,
    },
    mode: usage.mode === 'metered' ? 'METERED' : 'SYNCHRONOUS',
    subscriptionId: usage.subscriptionId,
    plan: usage.plan,
    creditCost: usage.creditCost.toString(),
    credits: usage.amount.toString(),
    uncovered: rest?.uncovered.toString() ?? '0',
    disposition: dispositionMessage(rest?.disposition),
    placedAt: toTimestamp(usage.placedAt),
  };
}

function senderOf(cause: Cause): { source: string; id: string } {
  return cause.kind === 'usage' ? { source: cause.source, id: cause.id } : { source: '', id: '' };
}
