import type { rpc } from '#contracts';
import { Amount, debitAmount } from '#domain';
import { CallFailed, connectService } from '#platform';
import type { Delivery } from './day.js';

/** The books of many accounts added up from their public histories alone. Credits. */
export interface Books {
  readonly accounts: number;
  readonly transactions: number;
  readonly granted: Amount;
  readonly available: Amount;
  readonly held: Amount;
  readonly consumed: Amount;
  readonly expired: Amount;
  readonly uncovered: Amount;
  /** What does not add up; empty: everything does. */
  readonly faults: readonly string[];
}

/** What each customer's usage costs in credits, by the plan: from the deliveries alone, without the ledger. */
export function expectedCosts(
  deliveries: readonly Delivery[],
  plan: rpc.PlanTerms,
  scale: number,
): Map<string, Amount> {
  const costs = new Map(plan.features.map(({ feature, creditCost }) => [feature, Amount.parse(creditCost)]));
  const counted = new Set<string>();
  const expected = new Map<string, Amount>();
  for (const delivery of deliveries) {
    if (delivery.expected !== 'counted') continue;
    const { customerId, source, id, feature, quantity } = delivery.usage;
    const cost = costs.get(feature);
    const identity = JSON.stringify([customerId, source, id]);
    if (!cost || counted.has(identity)) continue;
    counted.add(identity);
    const amount = debitAmount(Amount.parse(quantity), cost, scale);
    expected.set(customerId, (expected.get(customerId) ?? Amount.zero).plus(amount));
  }
  return expected;
}

/**
 * Reads every account back over gRPC and checks, exactly: Σ granted = available + held + consumed + expired, and
 * consumed + uncovered = what the usage that was sent costs.
 */
export async function prove(
  address: string,
  creditSystem: string,
  expected: ReadonlyMap<string, Amount>,
  progress: (done: number) => void,
): Promise<Books> {
  const client = connectService<rpc.WalletService>('WalletService', address);
  const faults: string[] = [];
  let sum = EMPTY;
  let done = 0;
  const customers = [...expected.keys()];
  const readers = Array.from({ length: 8 }, async () => {
    for (let customer = customers.pop(); customer !== undefined; customer = customers.pop()) {
      const books = await booksOf(client.call, customer, creditSystem);
      const { granted, available, held, consumed, expired, uncovered } = books;
      const accounted = Amount.sum([available, held, consumed, expired]);
      if (!accounted.equals(granted))
        faults.push(`${customer}: granted ${granted}, but ${accounted} accounted for`);
      const cost = expected.get(customer) ?? Amount.zero;
      const charged = consumed.plus(uncovered);
      if (!charged.equals(cost))
        faults.push(`${customer}: its usage costs ${cost}, but ${charged} was charged`);
      sum = add(sum, books);
      progress(++done);
    }
  });
  await Promise.all(readers);
  client.close();
  return { ...sum, faults };
}

type Sums = Omit<Books, 'faults'>;
const EMPTY: Sums = {
  accounts: 0,
  transactions: 0,
  granted: Amount.zero,
  available: Amount.zero,
  held: Amount.zero,
  consumed: Amount.zero,
  expired: Amount.zero,
  uncovered: Amount.zero,
};

type WalletCalls = ReturnType<typeof connectService<rpc.WalletService>>['call'];

async function booksOf(call: WalletCalls, customerId: string, creditSystem: string): Promise<Sums> {
  const { wallet } = await call.getWallet({ customerId, creditSystem });
  if (!wallet)
    throw new CallFailed('getWallet', 0, '', `no wallet of ${customerId}`, {}, { cause: undefined });
  let { granted, consumed, expired, uncovered, transactions } = EMPTY;
  let pageToken = '';
  do {
    const page = await call.listTransactions({ customerId, creditSystem, pageSize: 1000, pageToken });
    for (const { type, change, uncovered: notPaid } of page.transactions) {
      if (!change) continue;
      const moved = Amount.sum(
        [change.included, change.purchased, change.promotional].map((each) => Amount.parse(each)),
      );
      transactions += 1;
      if (type === 'GRANTED' || type === 'PURCHASED') granted = granted.plus(moved);
      if (type === 'DEBITED') consumed = consumed.minus(moved);
      if (type === 'EXPIRED') expired = expired.minus(moved);
      if (type === 'UNCOVERED') uncovered = uncovered.plus(Amount.parse(notPaid));
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  // Credits whose expiry is not recorded yet still belong to the customer's books.
  const available = Amount.parse(wallet.totalAvailable).plus(Amount.parse(wallet.pendingExpiry));
  return {
    accounts: 1,
    transactions,
    granted,
    available,
    held: Amount.parse(wallet.held),
    consumed,
    expired,
    uncovered,
  };
}

function add(a: Sums, b: Sums): Sums {
  return {
    accounts: a.accounts + b.accounts,
    transactions: a.transactions + b.transactions,
    granted: a.granted.plus(b.granted),
    available: a.available.plus(b.available),
    held: a.held.plus(b.held),
    consumed: a.consumed.plus(b.consumed),
    expired: a.expired.plus(b.expired),
    uncovered: a.uncovered.plus(b.uncovered),
  };
}
