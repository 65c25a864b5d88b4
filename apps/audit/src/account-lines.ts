import { setImmediate as turn } from 'node:timers/promises';
import { instantFromMs } from '#domain';
import {
  encodeAccountState,
  encodeGrant,
  type AccountRow,
  type ToldBalance,
  type ToldTransaction,
} from '#projections';
import type { ReadStore, TransactionPage } from '#read-store';

const PAGE = 1_000;

/**
 * Everything a read store holds about one account, a line per row, in one order for every adapter: two stores hold
 * the same exactly when these lines are equal. What belongs to a projector or a scheduler is left out.
 */
export async function* accountLines(
  store: ReadStore,
  customerId: string,
  row: AccountRow | undefined,
): AsyncGenerator<string> {
  yield* await standingLines(store, customerId, row);
  yield* historyLines(store, customerId);
}

/** How the account stands: what every change replaces. */
export async function standingLines(
  store: ReadStore,
  customerId: string,
  row: AccountRow | undefined,
): Promise<readonly string[]> {
  const { rows: closed } = await store.closedGrants(customerId);
  const agenda = await store.agenda(customerId);
  return [
    line('account', row ? [row.revision, row.headHash, encodeAccountState(row.state)] : null),
    ...closed.map(({ creditSystem, grant }) => line('closed grant', [creditSystem, encodeGrant(grant)])),
    ...agenda.map(({ kind, creditSystem, at }) => line('agenda', [kind, creditSystem, at])),
  ];
}

/**
 * What happened to the account: rows that are only ever added.
 *
 * @param through the last revision to look at: of an account that goes on meanwhile more is added all the time
 */
export async function* historyLines(
  store: ReadStore,
  customerId: string,
  through = Infinity,
): AsyncGenerator<string> {
  let before: number | undefined = through + 1;
  do {
    const page: TransactionPage = await store.transactions({ customerId }, PAGE, before);
    for (const transaction of page.rows) yield line('transaction', contentOf(transaction));
    before = page.next;
    // Embedded stores answer at once: without a turn in between no signal is heard.
    await turn();
  } while (before !== undefined);
  let digest: string | undefined;
  let newest = through;
  for (;;) {
    const ids = await store.rememberedIds(customerId, digest, PAGE);
    for (const id of ids) {
      if (id.revision <= through) yield line('remembered id', [id.digest, id.fingerprint, id.revision]);
      else newest = Math.max(newest, id.revision);
    }
    digest = ids.at(-1)?.digest;
    if (ids.length < PAGE) break;
  }
  // What was left out came later, unless the account has not come so far.
  if (newest > through && newest > (await projectedThrough(store, customerId)))
    yield line('remembered id', [`of revision ${newest}, which the account has not reached`]);
}

/** The revision of the account's row, also of one in the shape of another version; -1: there is none. */
export async function projectedThrough(store: ReadStore, customerId: string): Promise<number> {
  const answer = await store.seen([{ customerId, identity: '' }]);
  return answer.projectedThrough.get(customerId) ?? -1;
}

/** By hand, because the order of an object's keys is not part of it; amounts print as their canonical texts. */
function contentOf(row: ToldTransaction): unknown {
  const amounts = ({ included, purchased, promotional, held }: ToldBalance): string =>
    [included, purchased, promotional, held].join(' ');
  return [
    row.revision,
    row.eventId,
    row.creditSystem,
    row.type,
    row.touched,
    instantFromMs(row.occurredAtMs),
    instantFromMs(row.recordedAtMs),
    amounts(row.change),
    amounts(row.balance),
    row.uncovered,
    row.feature,
    row.usageSource,
    row.usageId,
    row.grantId,
    row.holdId,
  ];
}

function line(what: string, content: unknown): string {
  return `${what} ${JSON.stringify(content)}`;
}
