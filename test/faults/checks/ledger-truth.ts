import { Amount, debitAmount, type AccountEvent, type Balance } from '#domain';
import type { EventStore } from '#event-store';
import { ACCOUNT_STREAM_PREFIX, openRecorded } from '#journal';
import { COSTS, SCALE } from '../traffic/setup.js';
import type { Produced, ProducedUsage } from '../traffic/produced.js';

/** What the journal says became of one usage event. */
interface Booked {
  debits: number;
  uncovereds: number;
  paid: Amount;
  uncovered: Amount;
}

/** The whole journal, added up by what caused each event. */
export interface LedgerTruth {
  readonly events: number;
  /** Position of the last event. */
  readonly position: bigint;
  /** Revision of each account's last event. */
  readonly heads: ReadonlyMap<string, number>;
  readonly usages: ReadonlyMap<string, Booked>;
  /** Grants by account and idempotency key. */
  readonly grants: ReadonlyMap<string, readonly Amount[]>;
  /** Balances below zero, in any event. */
  readonly faults: readonly string[];
}

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

/** Under which `usages` has a usage event. */
export function usageKey({ customerId, source, id }: ProducedUsage['usage']): string {
  return keyOf(customerId, source, id);
}

export async function readTruth(store: EventStore): Promise<LedgerTruth> {
  const heads = new Map<string, number>();
  const usages = new Map<string, Booked>();
  const grants = new Map<string, Amount[]>();
  const faults: string[] = [];
  let events = 0;
  let position = 0n;
  for await (const batch of store.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })) {
    for (const recorded of batch) {
      const { customerId, revision, event } = openRecorded(recorded);
      const before = heads.get(customerId) ?? -1;
      if (revision !== before + 1) faults.push(`${customerId}: revision ${revision} follows ${before}`);
      heads.set(customerId, revision);
      ({ position } = recorded);
      events += 1;
      book(customerId, event, usages, grants);
      if ('balance' in event && isNegative(event.balance)) {
        faults.push(`${customerId} revision ${revision}: a balance below zero after ${event.type}`);
      }
    }
  }
  return { events, position, heads, usages, grants, faults };
}

function book(
  customerId: string,
  event: AccountEvent,
  usages: Map<string, Booked>,
  grants: Map<string, Amount[]>,
): void {
  const { cause } = event;
  if (cause.kind === 'usage' && (event.type === 'CreditsDebited' || event.type === 'UsageUncovered')) {
    const key = keyOf(customerId, cause.source, cause.id);
    const booked = usages.get(key) ?? {
      debits: 0,
      uncovereds: 0,
      paid: Amount.zero,
      uncovered: Amount.zero,
    };
    usages.set(key, booked);
    if (event.type === 'CreditsDebited') {
      booked.debits += 1;
      booked.paid = Amount.sum([booked.paid, ...event.draws.map(({ amount }) => amount)]);
    } else {
      booked.uncovereds += 1;
      booked.uncovered = booked.uncovered.plus(event.uncovered);
    }
  }
  if (cause.kind === 'command' && event.type === 'CreditsGranted') {
    const key = keyOf(customerId, cause.key);
    grants.set(key, [...(grants.get(key) ?? []), event.amount]);
  }
}

function isNegative({ included, purchased, promotional, held }: Balance): boolean {
  return [included, purchased, promotional, held].some((part) => part.compare(Amount.zero) < 0);
}

/** Every produced event counted once or not at all, as the rules say; nothing in the journal that nobody produced. */
export function compareWithTruth(produced: Produced, truth: LedgerTruth): string[] {
  const faults = [...truth.faults];
  const known = new Set<string>();
  for (const entry of produced.usages) {
    const { customerId, id } = entry.usage;
    const key = usageKey(entry.usage);
    known.add(key);
    const fault = faultOf(entry, truth.usages.get(key));
    if (fault !== undefined) faults.push(`${entry.kind} usage ${id} of ${customerId}: ${fault}`);
  }
  for (const key of truth.usages.keys()) {
    if (!known.has(key)) faults.push(`the ledger has usage ${key} that nobody produced`);
  }
  for (const { customerId, key, amount } of produced.grants) {
    const granted = truth.grants.get(keyOf(customerId, key)) ?? [];
    if (granted.length !== 1 || !granted[0]?.equals(Amount.parse(amount))) {
      faults.push(
        `grant ${key} of ${amount} to ${customerId}: the ledger has ${granted.join(', ') || 'none'}`,
      );
    }
  }
  return faults;
}

function faultOf({ usage, kind, answer }: ProducedUsage, booked: Booked | undefined): string | undefined {
  const nothing = kind === 'not-metered' || answer === 'refused';
  if (nothing) return booked && `must not be recorded, but is ${inWords(booked)}`;
  if (!booked) return 'lost';
  const cost = costOf(usage);
  const once = booked.debits <= 1 && booked.uncovereds <= 1;
  const inFull = booked.paid.plus(booked.uncovered).equals(cost);
  const allOrNothing = kind !== 'synchronous' || booked.uncovereds === 0;
  if (once && inFull && allOrNothing) return undefined;
  return `costs ${cost}, but is ${inWords(booked)}`;
}

function inWords({ debits, uncovereds, paid, uncovered }: Booked): string {
  return `debited ${debits} times (${paid}) and uncovered ${uncovereds} times (${uncovered})`;
}

/** What a usage event costs by the plan file, without asking the ledger. */
export function costOf({
  feature,
  quantity,
}: {
  readonly feature: string;
  readonly quantity: string;
}): Amount {
  const cost = COSTS.get(feature);
  return cost ? debitAmount(Amount.parse(quantity), cost, SCALE) : Amount.zero;
}

/** What each customer's usage costs: all that was metered, and what was answered as debited. */
export function costsByCustomer({ customers, usages }: Produced): Map<string, Amount> {
  const costs = new Map(customers.map((customerId) => [customerId, Amount.zero]));
  for (const { usage, kind, answer } of usages) {
    if (kind === 'not-metered' || answer === 'refused') continue;
    const before = costs.get(usage.customerId) ?? Amount.zero;
    costs.set(usage.customerId, before.plus(costOf(usage)));
  }
  return costs;
}
