import { AmountOverflow } from '../amount/index.js';
import { rejection, type Rejection } from '../rejection.js';
import type { Instant } from '../time/index.js';
import { configureAutoTopUp } from './auto-top-up/configure.js';
import { reportTopUpPayment } from './auto-top-up/report-payment.js';
import type { AccountCommand } from './commands.js';
import { isEvents, type Deciding, type Outcome, type Sent } from './deciding.js';
import type { Decision, DecisionContext } from './decision.js';
import type { AccountEvent, Cause } from './events.js';
import { evolveAll } from './evolve/evolve.js';
import { nowFor, settlementCause } from './fact.js';
import { grantCredits } from './grant/grant-credits.js';
import { voidGrant } from './grant/void-grant.js';
import { captureHold } from './hold/capture.js';
import { placeHold } from './hold/place.js';
import { releaseHold } from './hold/release.js';
import { causeOf } from './identity.js';
import { purchaseCredits } from './purchase/purchase-credits.js';
import { tooMuch } from './refusals.js';
import { reverseDebit } from './reversal/reverse-debit.js';
import { consequences, hasWatchers } from './settlement/consequences.js';
import { settle } from './settlement/settle.js';
import type { AccountState } from './state.js';
import { cancelSubscription } from './subscription/cancel.js';
import { changeSubscription } from './subscription/change.js';
import { startSubscription } from './subscription/start.js';
import { recordUsage } from './usage/record-usage.js';
import { tellUnusable } from './wallet/unusable.js';

/**
 * Settles the account to `context.now` and decides the command. Pure: the same account, command and context give
 * the same decision for ever. A command that was answered before is recognised by `context.seen` and decided no
 * second time.
 */
export function decide(state: AccountState, command: AccountCommand, context: DecisionContext): Decision {
  if (command.type === 'Settle') return decideSettle(state, context);
  const { seen } = context;
  if (seen !== undefined)
    return seen.fingerprint === command.fingerprint ? { kind: 'duplicate', seen } : reused(command);
  try {
    return decideSent(state, command, context);
  } catch (error) {
    if (error instanceof AmountOverflow) return tooMuch(command, error);
    throw error;
  }
}

function decideSettle(state: AccountState, context: DecisionContext): Decision {
  const settled = settle(state, context);
  const now = nowFor(state, context);
  const caused = consequences(settled.state, settlementCause, now, context);
  const settlement = tellUnusable(state, [...settled.events, ...caused.events], now);
  return { kind: 'decided', settlement, events: [], own: 0 };
}

function decideSent(state: AccountState, command: Sent, context: DecisionContext): Decision {
  const settled = settle(state, context);
  const now = nowFor(state, context);
  const cause = causeOf(command);
  const outcome = handle(command, { state: settled.state, before: state, now, cause, context });
  if (!isEvents(outcome)) return outcome;
  const after = aftermath(settled.state, command, outcome, cause, now, context);
  const settlement = tellUnusable(state, settled.events, now);
  const events = tellUnusable(settled.state, after.length === 0 ? outcome : [...outcome, ...after], now);
  return { kind: 'decided', settlement, events, own: outcome.length };
}

function handle(command: Sent, deciding: Deciding): Outcome {
  switch (command.type) {
    case 'RecordUsage':
      return recordUsage(command, deciding);
    case 'StartSubscription':
      return startSubscription(command, deciding);
    case 'ChangeSubscription':
      return changeSubscription(command, deciding);
    case 'CancelSubscription':
      return cancelSubscription(command, deciding);
    case 'GrantCredits':
      return grantCredits(command, deciding);
    case 'PurchaseCredits':
      return purchaseCredits(command, deciding);
    case 'VoidGrant':
      return voidGrant(command, deciding);
    case 'PlaceHold':
      return placeHold(command, deciding);
    case 'CaptureHold':
      return captureHold(command, deciding);
    case 'ReleaseHold':
      return releaseHold(command, deciding);
    case 'ReverseDebit':
      return reverseDebit(command, deciding);
    case 'ConfigureAutoTopUp':
      return configureAutoTopUp(command, deciding);
    case 'ReportTopUpPayment':
      return reportTopUpPayment(command, deciding);
  }
}

/**
 * What a command brings about at once: the first allowance of a subscription that starts now, credits that came
 * back to an expired grant and expire again, a limit that was crossed. Usage makes nothing fall due.
 */
function aftermath(
  state: AccountState,
  command: Sent,
  events: readonly AccountEvent[],
  cause: Cause,
  now: Instant,
  context: DecisionContext,
): readonly AccountEvent[] {
  if (command.type === 'RecordUsage') {
    if (!hasWatchers(state)) return [];
    return consequences(evolveAll(state, events), cause, now, context).events;
  }
  const settled = settle(evolveAll(state, events), context);
  const retry = !(command.type === 'ReportTopUpPayment' && command.outcome === 'failed');
  return [...settled.events, ...consequences(settled.state, cause, now, context, { retry }).events];
}

function reused(command: Sent): Rejection {
  const id =
    command.type === 'RecordUsage'
      ? `usage ${JSON.stringify(command.id)} of source ${JSON.stringify(command.source)}`
      : `key ${JSON.stringify(command.key)}`;
  return rejection('IDEMPOTENCY_KEY_REUSED', `${id} was used before with other content`);
}
