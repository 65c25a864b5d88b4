import { earlier, addDuration, period, type Instant, type Period } from '../../time/index.js';
import type { Plan, PlanCredit } from '../../catalog/index.js';
import type { DecisionContext } from '../decision.js';
import type { CreditsGranted, Fact, GrantTerms, RolloverTerms } from '../events.js';
import { segment } from '../identity.js';
import { priceRecord } from '../purchase/price-record.js';
import type { AccountState, Schedule, Subscription, SubscriptionTerms } from '../state.js';
import { creditOf, endOfAllowance, planOf, termsAt } from '../subscription/terms.js';
import { withCredits } from '../wallet/balance.js';
import { walletOf } from '../wallet/wallet.js';
import { quote } from '../../rating/index.js';

interface Renewal {
  readonly subscription: Subscription;
  readonly schedule: Schedule;
}

/** Grants the allowance or pack of the period that is due. */
export function renew(
  state: AccountState,
  { subscription, schedule }: Renewal,
  happened: Fact,
  { catalog }: DecisionContext,
): CreditsGranted {
  const { creditSystem, kind } = schedule;
  const terms = termsAt(subscription, schedule.nextAt);
  const plan = planOf(catalog, terms.plan);
  const credit = creditOf(plan, creditSystem);
  if (credit === undefined) throw new Error(`plan ${plan.id} version ${plan.version} lacks ${creditSystem}`);
  const due = { subscription, schedule, terms, plan, credit };
  const { amount, ...grant } = kind === 'allowance' ? allowance(due) : pack(due);
  const { balance } = walletOf(state, creditSystem);
  return {
    type: 'CreditsGranted',
    ...happened,
    creditSystem,
    balance: withCredits(balance, grant.source, amount),
    ...grant,
    amount,
  };
}

interface DueGrant extends Renewal {
  readonly terms: SubscriptionTerms;
  readonly plan: Plan;
  readonly credit: PlanCredit;
}

type AmountAndTerms = GrantTerms & { readonly amount: CreditsGranted['amount'] };

function allowance({ subscription, schedule, terms, plan, credit }: DueGrant): AmountAndTerms {
  const { included } = credit;
  if (included === null) throw new Error(`plan ${plan.id} version ${plan.version} grants no allowance`);
  const index = schedule.nextIndex;
  const at = (which: number) => period(terms.anchor, included.resetInterval, plan.timeZone, which);
  const present = at(index);
  const end = endOfAllowance(subscription, terms.number, present.start);
  return {
    ...named(subscription, schedule, terms),
    source: 'included',
    priority: included.priority,
    effectiveAt: present.start,
    expiresAt: end === null ? present.end : earlier(present.end, end),
    features: null,
    origin: {
      kind: 'allowance',
      subscriptionId: subscription.id,
      plan: terms.plan,
      period: ref(present),
    },
    rollover: rolloverTerms(subscription, credit, present.end, end, (periods) => at(index + periods).end),
    amount: included.allowance,
  };
}

/** None where the period is cut short, or where the subscription ends with it. */
function rolloverTerms(
  { endsAt }: Subscription,
  { included }: PlanCredit,
  periodEnd: Instant,
  end: Instant | null,
  endAfter: (periods: number) => Instant,
): RolloverTerms | null {
  const rollover = included?.rollover ?? null;
  if (rollover === null) return null;
  if ((end !== null && end < periodEnd) || endsAt === periodEnd) return null;
  return { cap: rollover.cap, expiresAt: endAfter(rollover.periods) };
}

function pack({ subscription, schedule, terms, plan, credit }: DueGrant): AmountAndTerms {
  const recurring = credit.priced?.recurring;
  if (!recurring) throw new Error(`plan ${plan.id} version ${plan.version} sells no pack`);
  const present = period(terms.anchor, recurring.billingInterval, plan.timeZone, schedule.nextIndex);
  return {
    ...named(subscription, schedule, terms),
    source: 'purchased',
    priority: credit.priced.priority,
    effectiveAt: present.start,
    expiresAt:
      credit.expiresAfter === null ? null : addDuration(present.start, credit.expiresAfter, plan.timeZone),
    features: null,
    origin: {
      kind: 'pack',
      subscriptionId: subscription.id,
      plan: terms.plan,
      period: ref(present),
      price: priceRecord(quote(recurring.schedule, recurring.quantity)),
    },
    rollover: null,
    amount: recurring.quantity,
  };
}

/** Unique for ever: terms are numbered within a subscription, and periods within terms. */
function named(
  { id }: Subscription,
  { creditSystem, kind, nextIndex }: Schedule,
  { number }: SubscriptionTerms,
): { readonly grantId: string } {
  return { grantId: `${segment(id)}/${segment(creditSystem)}/${kind}/${number}/${nextIndex}` };
}

/** The number of the terms under which an allowance or pack of this name was granted. */
export function termsNumber(grantId: string): number {
  return Number(grantId.split('/').at(-2));
}

function ref({ index, start, end }: Period): Period {
  return { index, start, end };
}
