import { setImmediate as turn } from 'node:timers/promises';
import { instantFromMs } from '#domain';
import {
  encodeAccountState,
  encodeGrant,
  type AccountRow,
  type ToldBalance,
  type ToldTransaction,
} from '#projections';
import type { ReadStore } from '#read-store';

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
  yield line('account', row ? [row.revision, row.headHash, encodeAccountState(row.state)] : null);
  let before: number | undefined;
  do {
    const page = await store.transactions({ customerId }, PAGE, before);
    for (const transaction of page.rows) yield line('transaction', contentOf(transaction));
    before = page.next;
    // Embedded stores answer at once: without a turn in between no signal is heard.
    await turn();
  } while (before !== undefined);
  let digest: string | undefined;
  for (;;) {
    const ids = await store.rememberedIds(customerId, digest, PAGE);
    for (const id of ids) yield line('remembered id', [id.digest, id.fingerprint, id.revision]);
    digest = ids.at(-1)?.digest;
    if (ids.length < PAGE) break;
  }
  for (const { creditSystem, grant } of (await store.closedGrants(customerId)).rows) {
    yield line('closed grant', [creditSystem, encodeGrant(grant)]);
  }
  for (const { kind, creditSystem, at } of await store.agenda(customerId)) {
    yield line('agenda', [kind, creditSystem, at]);
  }
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
