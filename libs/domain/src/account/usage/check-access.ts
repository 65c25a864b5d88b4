import { Amount, AmountOverflow } from '../../amount/index.js';
import type { Rejection } from '../../rejection.js';
import type { DecisionContext } from '../decision.js';
import { isEvents, type Deciding, type NotCreditMetered, type Outcome } from '../deciding.js';
import { nowFor, settlementCause } from '../fact.js';
import { tooMuch } from '../refusals.js';
import { settledAt } from '../settlement/settle.js';
import type { AccountState } from '../state.js';
import { DEFAULT_CLOCK_SKEW_MS, spendable } from '../wallet/draw.js';
import { walletOf } from '../wallet/wallet.js';
import { recordUsage } from './record-usage.js';

/** Whether usage would be let through now. */
export type Access =
  | {
      readonly kind: 'allowed';
      readonly creditSystem: string;
      /** Credits the usage would cost. */
      readonly required: Amount;
      /** Credits that could pay for this feature. */
      readonly available: Amount;
      /** The part that would be billed instead. */
      readonly uncovered: Amount;
    }
  | NotCreditMetered
  | Rejection;

/** The verdict that a synchronous debit of this quantity would give now: it is decided, and nothing recorded. */
export function checkAccess(
  state: AccountState,
  feature: string,
  quantity: Amount,
  context: DecisionContext,
): Access {
  const now = nowFor(state, context);
  const settled = settledAt(state, context);
  const deciding = { state: settled, before: state, now, cause: settlementCause, context };
  const outcome = trial(feature, quantity, deciding);
  if (!isEvents(outcome)) return outcome;
  let allowed: Access | undefined;
  for (const event of outcome) {
    if (event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') continue;
    const { creditSystem, usage, uncovered } = event;
    const claim = { feature, at: now, clockSkewMs: context.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS };
    const available = spendable(walletOf(settled, creditSystem), claim);
    allowed = { kind: 'allowed', creditSystem, required: usage.amount, available, uncovered };
  }
  if (allowed === undefined) throw new Error('a debit without events');
  return allowed;
}

/** The debit as it would be decided. Too large a product of quantity and cost is refused here as it is there. */
function trial(feature: string, quantity: Amount, deciding: Deciding): Outcome {
  const identity = { source: '', id: '', fingerprint: '' };
  const mode = 'synchronous';
  try {
    return recordUsage(
      { type: 'RecordUsage', ...identity, mode, feature, quantity, time: deciding.now, dimensions: {} },
      deciding,
    );
  } catch (error) {
    if (error instanceof AmountOverflow) return tooMuch({ quantity }, error);
    throw error;
  }
}
