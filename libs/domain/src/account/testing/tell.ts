import type { Instant } from '../../time/index.js';
import type { AccountEvent, Decision, Draw } from '../index.js';

/** One line per event, with what matters of it: what a specification compares. */
export function tell(event: AccountEvent): string {
  switch (event.type) {
    case 'SubscriptionStarted':
      return `started ${event.subscriptionId} on ${event.plan.id} ${event.plan.version} from ${day(event.startsAt)}`;
    case 'SubscriptionChanged':
      return `changed ${event.subscriptionId} from ${event.from.version} to ${event.to.version} at ${day(event.effectiveAt)}${ends(event.endedGrants)}`;
    case 'SubscriptionCancelled':
      return `cancelled ${event.subscriptionId} at ${day(event.endsAt)}${ends(event.endedGrants)}`;
    case 'CreditsGranted':
      return `granted ${event.amount.toString()} ${event.source} ${event.grantId} from ${day(event.effectiveAt)} until ${day(event.expiresAt)}`;
    case 'CreditsDebited':
      return `debited ${event.usage.amount.toString()}: ${drawn(event.draws)}${event.uncovered.isZero ? '' : `, uncovered ${event.uncovered.toString()}`}`;
    case 'UsageUncovered':
      return `uncovered ${event.uncovered.toString()} ${event.disposition}`;
    case 'CreditsExpired':
      return `expired ${event.amount.toString()} of ${event.grantId} at ${day(event.occurredAt)}`;
    case 'CreditsRolledOver':
      return `rolled over ${event.amount.toString()} of ${event.fromGrantId} at ${day(event.occurredAt)} until ${day(event.into.expiresAt)}`;
    case 'CreditsVoided':
      return `voided ${event.amount.toString()} of ${event.grantId}, consumed ${event.consumed.toString()}${event.held ? `, held ${event.held.toString()}` : ''}`;
    case 'DebitReversed':
      return `reversed ${event.amount.toString()}: ${drawn(event.restored)}${event.uncovered.isZero ? '' : `, written off ${event.uncovered.toString()} ${event.disposition ?? ''}`}`;
    case 'HoldPlaced':
      return `held ${event.amount.toString()} as ${event.holdId}: ${drawn(event.draws)}`;
    case 'HoldCaptured':
      return `captured ${event.amount.toString()} of ${event.holdId}: ${drawn(event.draws)}; beyond: ${drawn(event.beyond)}; returned: ${drawn(event.returned)}`;
    case 'HoldReleased':
      return `${event.reason === 'timedOut' ? 'timed out' : 'released'} ${event.holdId} at ${day(event.occurredAt)}: ${drawn(event.returned)}`;
    case 'LowBalanceReached':
      return `low: ${event.available.toString()} below ${event.threshold.toString()} at ${day(event.occurredAt)}`;
    case 'LowBalanceCleared':
      return `no longer low: ${event.available.toString()} at ${day(event.occurredAt)}`;
    case 'AutoTopUpConfigured':
      return `auto top-up ${event.terms.enabled ? 'on' : 'off'} under ${event.subscriptionId}`;
    case 'AutoTopUpRequested':
      return `asked for ${event.quantity.toString()} as ${event.requestId}`;
    case 'AutoTopUpFailed':
      return `payment of ${event.requestId} failed (${event.consecutiveFailures}): ${event.reason}`;
    case 'AutoTopUpStopped':
      return `auto top-up stopped: ${event.reason}`;
  }
}

/** A decision in lines; settlement stands in front, marked by a `~`. */
export function tellDecision(decision: Decision): readonly string[] {
  switch (decision.kind) {
    case 'decided':
      return [...decision.settlement.map((event) => `~ ${tell(event)}`), ...decision.events.map(tell)];
    case 'rejected': {
      const numbers = Object.entries(decision.numbers ?? {}).map(([name, value]) => ` ${name} ${value}`);
      const faults = (decision.faults ?? []).map(({ path }) => ` ${path}`);
      return [`rejected: ${decision.reason}${numbers.join('')}${faults.join('')}`];
    }
    case 'duplicate':
      return [`duplicate of revision ${decision.seen.revision}`];
    case 'notCreditMetered':
      return [`not credit metered: ${decision.feature}`];
  }
}

function drawn(draws: readonly Draw[]): string {
  return draws.map(({ grantId, amount }) => `${grantId} ${amount.toString()}`).join(' + ') || 'nothing';
}

function ends(ended: readonly { readonly grantId: string; readonly expiresAt: Instant }[]): string {
  return ended.map(({ grantId }) => `, ending ${grantId}`).join('');
}

/** Midnights as days, whole seconds without their milliseconds. */
export function day(at: Instant | null): string {
  return at === null ? 'ever' : at.replace('T00:00:00.000Z', '').replace('.000Z', 'Z');
}
