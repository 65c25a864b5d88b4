import type { ReadStore } from '#read-store';
import { accountLines } from './account-lines.js';

/** An account that the two stores do not hold alike. */
export interface Difference {
  readonly customerId: string;
  /** The first line that differs; undefined: there is none any more. */
  readonly live: string | undefined;
  readonly rebuilt: string | undefined;
}

const PAGE = 500;

/**
 * Goes through the accounts of both stores side by side, whatever their number. Of an account that goes on meanwhile
 * each store tells of several moments: what differs is to be looked at closely (look-closely.ts).
 */
export async function* compareStores(
  live: ReadStore,
  rebuilt: ReadStore,
  compared: (accounts: number) => void,
): AsyncGenerator<Difference> {
  let after: string | undefined;
  for (;;) {
    const page = await nextCustomers(live, rebuilt, after);
    if (page.length === 0) return;
    yield* compareAccounts(live, rebuilt, page);
    compared(page.length);
    after = page.at(-1);
  }
}

/** Compares some accounts row for row. */
async function* compareAccounts(
  live: ReadStore,
  rebuilt: ReadStore,
  customerIds: readonly string[],
): AsyncGenerator<Difference> {
  const [liveRows, rebuiltRows] = await Promise.all([
    live.accounts(customerIds),
    rebuilt.accounts(customerIds),
  ]);
  for (const customerId of customerIds) {
    const difference = await firstDifference(
      accountLines(live, customerId, liveRows.get(customerId)),
      accountLines(rebuilt, customerId, rebuiltRows.get(customerId)),
    );
    if (difference) yield { customerId, ...difference };
  }
}

/** The next customers of either store, up to where both of them have been asked. */
async function nextCustomers(
  live: ReadStore,
  rebuilt: ReadStore,
  after: string | undefined,
): Promise<string[]> {
  const pages = await Promise.all([live.customerIds(after, PAGE), rebuilt.customerIds(after, PAGE)]);
  const merged = [...new Set(pages.flat())].sort(byCodePoints);
  // A full page says nothing of what comes after its last customer.
  const ends = pages.filter((page) => page.length === PAGE).map((page) => page[PAGE - 1] ?? '');
  const end = ends.sort(byCodePoints)[0];
  return end === undefined ? merged : merged.filter((customerId) => byCodePoints(customerId, end) <= 0);
}

/** As the stores order them: UTF-8 and code points have the same order, UTF-16 has not. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Where two lists of lines part. */
export async function firstDifference(
  live: AsyncGenerator<string>,
  rebuilt: AsyncGenerator<string>,
): Promise<Pick<Difference, 'live' | 'rebuilt'> | undefined> {
  for (;;) {
    const [a, b] = await Promise.all([live.next(), rebuilt.next()]);
    if (a.done === true && b.done === true) return undefined;
    const lines = { live: a.done ? undefined : a.value, rebuilt: b.done ? undefined : b.value };
    if (lines.live === lines.rebuilt) continue;
    await Promise.all([live.return(undefined), rebuilt.return(undefined)]);
    return lines;
  }
}
