import { rejection, type Rejection } from '../../rejection.js';
import type { ReportTopUpPayment } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { AutoTopUpFailed, AutoTopUpStopped, CreditsGranted } from '../events.js';
import { fact } from '../fact.js';
import { purchasedTerms } from '../purchase/purchase-credits.js';
import { customerUnknown, malformed } from '../refusals.js';
import type { AutoTopUp, TopUpInFlight, Wallet } from '../state.js';
import { creditOf, planOf } from '../subscription/terms.js';
import { withCredits } from '../wallet/balance.js';
import { walletOf } from '../wallet/wallet.js';

/** Payments that may fail in a row before an auto top-up stops. */
export const MAX_FAILURES = 3;

/** The payment of an auto top-up went through, and what was asked for is granted; or it failed. */
export function reportTopUpPayment(
  command: ReportTopUpPayment,
  deciding: Deciding,
): readonly (CreditsGranted | AutoTopUpFailed | AutoTopUpStopped)[] | Rejection {
  const { state } = deciding;
  const { creditSystem, requestId, outcome, paymentReference } = command;
  if (!state.exists) return customerUnknown();
  const wallet = walletOf(state, creditSystem);
  const { autoTopUp } = wallet;
  const inFlight = autoTopUp?.inFlight ?? null;
  if (autoTopUp === null || inFlight?.requestId !== requestId)
    return rejection('TOP_UP_UNKNOWN', `no top-up ${requestId} of ${creditSystem} waits for its payment`);
  if (outcome === 'failed') return failed(command, wallet, autoTopUp, deciding);
  if (!paymentReference)
    return malformed('payment', [
      { path: 'paymentReference', message: 'must be there when the payment succeeded' },
    ]);
  return [succeeded(wallet, autoTopUp, inFlight, paymentReference, deciding)];
}

function succeeded(
  { creditSystem, balance }: Wallet,
  autoTopUp: AutoTopUp,
  { requestId, quantity, subscriptionId = autoTopUp.subscriptionId, plan, price }: TopUpInFlight,
  paymentReference: string,
  { now, cause, context }: Deciding,
): CreditsGranted {
  const pinned = planOf(context.catalog, plan);
  const credit = creditOf(pinned, creditSystem);
  if (credit === undefined) throw new Error(`plan ${plan.id} version ${plan.version} lacks ${creditSystem}`);
  return {
    type: 'CreditsGranted',
    ...fact(cause, now, now),
    creditSystem,
    balance: withCredits(balance, 'purchased', quantity),
    ...purchasedTerms(requestId, credit, pinned.timeZone, now),
    origin: { kind: 'topUp', subscriptionId, plan, paymentReference, price, automatic: true },
    amount: quantity,
  };
}

function failed(
  { requestId, failureReason }: ReportTopUpPayment,
  { creditSystem, balance }: Wallet,
  autoTopUp: AutoTopUp,
  { now, cause }: Deciding,
): readonly (AutoTopUpFailed | AutoTopUpStopped)[] {
  const wide = { ...fact(cause, now, now), creditSystem, balance };
  const reason = failureReason ?? 'no reason was given';
  const consecutiveFailures = autoTopUp.consecutiveFailures + 1;
  const failure: AutoTopUpFailed = {
    type: 'AutoTopUpFailed',
    ...wide,
    requestId,
    reason,
    consecutiveFailures,
  };
  if (consecutiveFailures < MAX_FAILURES) return [failure];
  const stop = `${consecutiveFailures} payments failed in a row, the last one because: ${reason}`;
  return [failure, { type: 'AutoTopUpStopped', ...wide, reason: stop }];
}
