import { DEFAULT_PRIORITY, findCreditSystem } from '../../catalog/index.js';
import type { Fault, Rejection } from '../../rejection.js';
import type { Instant } from '../../time/index.js';
import type { GrantCredits } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { CreditsGranted } from '../events.js';
import { fact } from '../fact.js';
import { segment } from '../identity.js';
import { malformed, mustBePositive } from '../refusals.js';
import { creditSystemUnknown } from './credit-system-unknown.js';
import { expiryOf, lifeFaults, lifeOf } from './promotional-expiry.js';
import { withCredits } from '../wallet/balance.js';
import { tooManyCredits } from '../wallet/most-credits.js';
import { walletOf } from '../wallet/wallet.js';

/** Promotional credits. The first ones may open the account: they need no subscription. */
export function grantCredits(
  command: GrantCredits,
  deciding: Deciding,
): readonly CreditsGranted[] | Rejection {
  const { state, now, cause, context } = deciding;
  const { creditSystem, amount, reason, actor } = command;
  if (findCreditSystem(context.catalog, creditSystem) === undefined) return creditSystemUnknown(creditSystem);
  const effectiveAt = command.effectiveAt ?? now;
  const life = lifeOf(command, deciding);
  const { balance } = walletOf(state, creditSystem);
  const faults = [
    ...faultsOf(command, effectiveAt),
    ...tooManyCredits('amount', amount, balance),
    ...lifeFaults(life, effectiveAt),
  ];
  if (faults.length > 0) return malformed('grant', faults);
  return [
    {
      type: 'CreditsGranted',
      ...fact(cause, now, now),
      creditSystem,
      balance: withCredits(balance, 'promotional', amount),
      grantId: `promotion/${segment(command.key)}`,
      source: 'promotional',
      priority: command.priority ?? DEFAULT_PRIORITY,
      effectiveAt,
      expiresAt: expiryOf(command, life, effectiveAt),
      features: command.features ?? null,
      origin: { kind: 'promotion', reason, actor },
      rollover: null,
      amount,
    },
  ];
}

function faultsOf(command: GrantCredits, effectiveAt: Instant): readonly Fault[] {
  const { amount, priority, expiresAt, expiresAfter, features } = command;
  const faults: Fault[] = [...mustBePositive('amount', amount)];
  if (priority !== undefined && !(Number.isSafeInteger(priority) && priority >= 0))
    faults.push({ path: 'priority', message: `must be a whole number from 0: ${priority}` });
  if (expiresAt !== undefined && expiresAfter !== undefined)
    faults.push({ path: 'expiresAfter', message: 'either an instant or a duration, not both' });
  if (expiresAt !== undefined && expiresAt <= effectiveAt)
    faults.push({ path: 'expiresAt', message: `must be after ${effectiveAt}: ${expiresAt}` });
  if (features?.length === 0)
    faults.push({ path: 'features', message: 'must name a feature, or be left out for all' });
  return faults;
}
