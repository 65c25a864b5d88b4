/** Reads a whole ledger in its total order, decodes every event and folds it into its account. */
import { openEventStore } from '#adapters';
import { evolve, initialAccount, withoutClosedGrants, type AccountState } from '#domain';
import { ACCOUNT_STREAM_PREFIX, openRecorded } from '#journal';
import type { Replay, Replayed } from '../support/replay.js';
import { answerTask } from './helper.js';

answerTask(async ({ eventStoreUrl, rounds }: Replay): Promise<Replayed> => {
  const store = openEventStore(eventStoreUrl, { readonly: true });
  const folded: number[] = [];
  const read: number[] = [];
  let events = 0;
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    events = 0;
    const accounts = new Map<string, AccountState>();
    for await (const batch of store.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })) {
      for (const recorded of batch) {
        const { customerId, event } = openRecorded(recorded);
        const before = accounts.get(customerId) ?? initialAccount;
        accounts.set(customerId, withoutClosedGrants(evolve(before, event)));
      }
      events += batch.length;
    }
    folded.push((events / (performance.now() - from)) * 1000);
    const again = performance.now();
    let bytes = 0;
    for await (const batch of store.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })) {
      for (const { data } of batch) bytes += data.length;
    }
    if (bytes === 0) throw new Error('the ledger to replay is empty');
    read.push((events / (performance.now() - again)) * 1000);
  }
  await store.close();
  return { events, folded, read };
});
