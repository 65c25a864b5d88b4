import type { Instant } from '#domain';
import {
  AppendOutcomeUnknown,
  EventStoreUnavailable,
  WrongExpectedRevision,
  type EventStore,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '#event-store';
import { accountStream } from '#journal';
import { ReadStoreUnavailable, type ReadStore } from '#read-store';
import type { Worker } from './gates.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';

/** The clock and the horizon by which a process decides at this very moment. */
export interface Reading {
  readonly now: Instant;
  readonly consumedThrough: Instant;
}

export interface EventStoreUser {
  readonly worker: Worker;
  readonly random: Random;
  /** Asked when an append is sent: in the same turn in which it was decided. */
  reading(): Reading;
  /** How often it sends an append without an answer. */
  readonly attempts: number;
  /** Something will be tried again after a pause; `returned` once it is. */
  willReturn(stream: string): void;
  returned(stream: string): void;
}

/** The event store as one process sees it: away at times, without an answer at times, and never wrong. */
export function faultyEventStore(stage: Stage, user: EventStoreUser): EventStore {
  const { gates, faults } = stage;
  const { worker } = user;
  const sent = new Map<string, { readonly decided: Reading; times: number }>();
  const sending = (id: string) => {
    const known = sent.get(id) ?? { decided: user.reading(), times: 0 };
    sent.set(id, known);
    known.times += 1;
    return known;
  };
  const answered = async (label: string) => {
    if (faults.happens('slowAnswer')) await gates.pass(worker, `${label}, answer`);
  };
  return {
    append: async (stream, expectedRevision, events) => {
      user.returned(stream);
      const { decided, times } = sending(events[0]?.id ?? '');
      const label = `append ${events.length} to ${stream} after ${expectedRevision}`;
      await gates.pass(worker, label);
      const fault = faults.ofAppend();
      const write = () => stage.append(stream, expectedRevision, events, decided);
      if (fault === 'away') throw new EventStoreUnavailable('simulated');
      if (fault === 'late') stage.late.push(() => write().then(() => undefined, ignoreConflict));
      if (fault === 'written') await write().catch(ignoreConflict);
      if (fault !== 'none') {
        if (times % user.attempts !== 0) user.willReturn(stream);
        throw new AppendOutcomeUnknown(stream, expectedRevision, { cause: fault });
      }
      try {
        const result = await write();
        await answered(label);
        return result;
      } catch (error) {
        if (error instanceof WrongExpectedRevision) user.willReturn(stream);
        throw error;
      }
    },
    async *readStream(stream, options) {
      user.returned(stream);
      await gates.pass(worker, `read ${stream} from ${options?.from ?? 0}`);
      if (faults.happens('eventStoreAway')) throw new EventStoreUnavailable('simulated');
      yield* stage.eventStore.readStream(stream, options);
    },
    readAll: (options) => stage.eventStore.readAll(options),
    subscribe: (options) => subscription(stage, user, options),
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function ignoreConflict(error: unknown): undefined {
  if (error instanceof WrongExpectedRevision) return undefined;
  throw error;
}

/** A subscription that delivers when it is its turn, in pieces as the seed likes them. */
async function* subscription(
  stage: Stage,
  { worker, random }: EventStoreUser,
  { after = 0n, streamPrefixes, signal }: SubscribeOptions,
): AsyncGenerator<SubscriptionBatch> {
  let checkpoint = after;
  const behind = () => checkpoint < BigInt(stage.total);
  for (;;) {
    await stage.gates.pass(worker, 'subscription', behind, signal);
    if (signal.aborted) return;
    if (stage.faults.happens('eventStoreAway')) throw new EventStoreUnavailable('simulated');
    const most = random.pick([1, 3, 10, 1000]);
    const events: RecordedEvent[] = [];
    const all = stage.eventStore.readAll({ after: checkpoint, streamPrefixes, limit: most });
    for await (const batch of all) events.push(...batch);
    checkpoint = events.length < most ? BigInt(stage.total) : (events.at(-1)?.position ?? checkpoint);
    yield { events, checkpoint, caughtUp: !behind() };
  }
}

/** The read store as one process sees it. */
export function faultyReadStore(
  stage: Stage,
  worker: Worker,
  returned: (stream: string) => void = () => undefined,
): ReadStore {
  const { gates, faults, readStore } = stage;
  /** A call that is under way when the store is deleted never comes back with anything. */
  const turn = async (label: string) => {
    const asked = stage.incarnation;
    await gates.pass(worker, label);
    if (asked !== stage.incarnation) throw new ReadStoreUnavailable('simulated: the read store was deleted');
  };
  const reading = async <T>(label: string, work: () => Promise<T>): Promise<T> => {
    await turn(label);
    if (faults.happens('readStoreAway')) throw new ReadStoreUnavailable('simulated');
    return work();
  };
  /** Where the answer to a write is lost, nobody knows whether it was written. */
  const writing = async <T>(label: string, work: () => Promise<T>): Promise<T> => {
    await turn(label);
    const away = faults.happens('readStoreAway');
    if (away && faults.writtenAllTheSame()) await work();
    if (away) throw new ReadStoreUnavailable('simulated');
    const result = await work();
    if (faults.happens('slowAnswer')) await gates.pass(worker, `${label}, answer`);
    return result;
  };
  return {
    ...readStore,
    apply: (batch) => writing(`apply up to ${batch.checkpoint}`, () => readStore.apply(batch)),
    checkpoint: (projector) => reading('checkpoint', () => readStore.checkpoint(projector)),
    accounts: (ids) => {
      for (const id of ids) returned(accountStream(id));
      return reading(`accounts ${ids.join()}`, () => readStore.accounts(ids));
    },
    seen: (lookups) => reading(`seen ${lookups.length}`, () => readStore.seen(lookups)),
    closedGrants: (id, ids) => reading(`closed grants of ${id}`, () => readStore.closedGrants(id, ids)),
    due: (query) => reading('due', () => readStore.due(query)),
    publishHorizons: (rows) => writing('publish horizons', () => readStore.publishHorizons(rows)),
    horizons: () => reading('horizons', () => readStore.horizons()),
    acquireLease: (name, holder, ttl) => writing('lease', () => readStore.acquireLease(name, holder, ttl)),
    releaseLease: (name, holder) => writing('release', () => readStore.releaseLease(name, holder)),
  };
}
