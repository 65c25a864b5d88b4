/** The event store alone: appends events that exist already to an empty store, as fast as it takes them. */
import pLimit from 'p-limit';
import { openEventStore } from '#adapters';
import { ACCOUNT_STREAM_PREFIX } from '#journal';
import type { EventStore, NewEvent } from '#event-store';
import type { AppendAgain, AppendedAgain } from '../support/append-ceiling.js';
import { answerTask } from './helper.js';

/** Appends in flight, as many as the ledger allows itself. */
const CONCURRENCY = 512;
const MOST_EVENTS = 150_000;

interface Append {
  readonly stream: string;
  readonly events: NewEvent[];
}

answerTask(async (task: AppendAgain): Promise<AppendedAgain> => {
  const appends = await appendsOf(task);
  const events = appends.reduce((sum, append) => sum + append.events.length, 0);
  const bytes = appends.reduce((sum, append) => sum + sizeOf(append.events), 0) / events;
  const target = openEventStore(task.target, { appendIn: 'thread' });
  const perSecond: number[] = [];
  for (let round = 0; round < task.rounds; round++) {
    const from = performance.now();
    await appendAll(target, appends, `-${round}`);
    perSecond.push((events / (performance.now() - from)) * 1000);
  }
  await target.close();
  return { perSecond, bytes };
});

/** The events in the order of the store, cut into appends of the wanted size on average. */
async function appendsOf({ source, perAppend }: AppendAgain): Promise<Append[]> {
  const store = openEventStore(source, { readonly: true });
  const appends: Append[] = [];
  const open = new Map<string, Append>();
  for await (const batch of store.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX], limit: MOST_EVENTS })) {
    for (const { stream, id, type, data, metadata } of batch) {
      let append = open.get(stream);
      if (!append) open.set(stream, (append = { stream, events: [] }));
      append.events.push({ id, type, data, metadata });
      const size = Math.floor((appends.length + 1) * perAppend) - Math.floor(appends.length * perAppend);
      if (append.events.length < size) continue;
      appends.push(append);
      open.delete(stream);
    }
  }
  await store.close();
  return [...appends, ...open.values()];
}

async function appendAll(store: EventStore, appends: readonly Append[], suffix: string): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  const heads = new Map<string, Promise<number>>();
  for (const { stream, events } of appends) {
    const name = stream + suffix;
    const before = heads.get(name) ?? Promise.resolve(-1);
    heads.set(
      name,
      limit(async () => (await store.append(name, await before, events)).revision),
    );
  }
  await Promise.all(heads.values());
}

function sizeOf(events: readonly NewEvent[]): number {
  return events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
}
