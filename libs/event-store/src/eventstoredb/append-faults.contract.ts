import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AppendOutcomeUnknown,
  AppendTooLarge,
  EventStoreUnavailable,
  EventStoreUnusable,
} from '../errors.js';
import { NO_STREAM, type EventStore } from '../port.js';
import { withAmbiguityRetry } from '../retrying.js';
import { all, follow, sideBySide } from '../testing/contract/collecting.js';
import { anEvent, someEvents } from '../testing/events.js';
import type { AppendFault } from '../testing/loopback/index.js';
import { ANSWER_TIMEOUT_MS, connect, serve } from './faults-fixture.js';

const ids = async (store: EventStore, stream: string): Promise<string[]> =>
  (await all(store.readStream(stream))).map(({ id }) => id);

describe.each([
  ['BatchAppend', true],
  ['Append', false],
])('EventStoreDB adapter with %s, when the server misbehaves', (_, batchAppend) => {
  const WRITTEN: AppendFault[] = [
    'written-no-answer',
    'written-stream-broken',
    'written-stream-ended',
    'written-timeout',
  ];
  const LOST: AppendFault[] = ['lost-no-answer', 'lost-stream-broken', 'unavailable', 'timeout', 'unknown'];

  it.each([...WRITTEN, ...LOST])(
    '%s: says that the outcome is unknown, and the identical append settles it',
    async (fault) => {
      const loopback = await serve({ batchAppend });
      const store = connect(loopback);
      await store.append('account-1', NO_STREAM, [anEvent('before')]);
      loopback.faults.nextAppends(fault);
      const events = someEvents('a', 2);
      await expect(store.append('account-1', 0, events)).rejects.toBeInstanceOf(AppendOutcomeUnknown);
      expect(loopback.log.stream('account-1')).toHaveLength(WRITTEN.includes(fault) ? 3 : 1);
      const appended = await store.append('account-1', 0, events);
      const last = loopback.log.stream('account-1').at(-1);
      expect(appended).toEqual({ revision: 2, position: last?.position });
      expect((await ids(store, 'account-1')).slice(1)).toEqual(events.map(({ id }) => id));
    },
  );

  it('waits while what was written is being replicated', async () => {
    const loopback = await serve({ batchAppend });
    const store = withAmbiguityRetry(connect(loopback), { attempts: 5, backoff: () => 1 });
    loopback.faults.nextAppends('written-no-answer', 'timeout', 'timeout');
    expect(await store.append('account-1', NO_STREAM, someEvents('a', 2))).toMatchObject({ revision: 1 });
    expect(await ids(store, 'account-1')).toHaveLength(2);
  });

  it('looks up the position of a repeat when the server does not say it', async () => {
    const loopback = await serve({ batchAppend });
    loopback.faults.forgetsPositions = true;
    const store = connect(loopback);
    const events = someEvents('a', 2);
    const first = await store.append('account-1', NO_STREAM, events);
    expect(await store.append('account-1', NO_STREAM, events)).toEqual(first);
  });

  it('refuses a server that is too old, and says so', async () => {
    const loopback = await serve({ batchAppend, calledVersion: '22.10.5' });
    const store = connect(loopback);
    const tooOld = /EventStoreDB 22\.10\.5, and 23\.10 or later is needed/;
    for (const work of [
      () => store.append('account-1', NO_STREAM, [anEvent('a')]),
      () => all(store.readStream('account-1')),
      () => all(store.readAll({ streamPrefixes: ['account-'] })),
      () =>
        follow(
          store.subscribe({ streamPrefixes: ['account-'], signal: new AbortController().signal }),
          () => true,
        ),
    ]) {
      await expect(work()).rejects.toBeInstanceOf(EventStoreUnavailable);
      await expect(work()).rejects.toThrow(tooOld);
    }
    await expect(store.ping()).rejects.toBeInstanceOf(EventStoreUnusable);
    await expect(store.ping()).rejects.toThrow(tooOld);
    expect(loopback.log.records).toEqual([]);
  });

  it('survives faults one after the other when told to repeat, and writes once', async () => {
    const loopback = await serve({ batchAppend });
    const store = withAmbiguityRetry(connect(loopback), { attempts: 9, backoff: () => 1 });
    loopback.faults.nextAppends(
      'lost-no-answer',
      'written-stream-broken',
      'unknown',
      'written-no-answer',
      'not-leader',
    );
    const events = someEvents('a', 3);
    expect(await store.append('account-1', NO_STREAM, events)).toMatchObject({ revision: 2 });
    expect(await ids(store, 'account-1')).toEqual(events.map(({ id }) => id));
  });

  it.each<AppendFault>(['busy', 'not-ready', 'no-leader', 'access-denied'])(
    '%s: says that the store is unavailable, and nothing is written',
    async (fault) => {
      const loopback = await serve({ batchAppend });
      const store = connect(loopback);
      loopback.faults.nextAppends(fault);
      await expect(store.append('account-1', NO_STREAM, [anEvent('a')])).rejects.toBeInstanceOf(
        EventStoreUnavailable,
      );
      expect(loopback.log.records).toHaveLength(0);
      expect(await store.append('account-1', NO_STREAM, [anEvent('b')])).toMatchObject({ revision: 0 });
    },
  );

  it.each<AppendFault>(['bad-request', 'event-too-large', 'stream-deleted'])(
    '%s: is a defect, which nobody repeats',
    async (fault) => {
      const loopback = await serve({ batchAppend });
      const store = withAmbiguityRetry(connect(loopback));
      loopback.faults.nextAppends(fault);
      await expect(store.append('account-1', NO_STREAM, [anEvent('a')])).rejects.toThrow(
        /account-1.*refuses the append/,
      );
      expect(loopback.seen.appends).toBe(1);
    },
  );

  it('goes to the leader when the node it knows no longer is', async () => {
    const leader = await serve({ batchAppend });
    const follower = await serve({ batchAppend, log: leader.log, leader: leader.endpoint });
    const store = connect(follower);
    expect(await store.append('account-1', NO_STREAM, [anEvent('a')])).toMatchObject({ revision: 0 });
    expect(await store.append('account-1', 0, [anEvent('b')])).toMatchObject({ revision: 1 });
    expect(leader.seen.appends).toBe(2);
    expect(await ids(store, 'account-1')).toHaveLength(2);
    expect(leader.seen.readCalls).toBe(1);
  });

  it('gives up when no node says that it is the leader', async () => {
    const first = await serve({ batchAppend });
    const loop = await serve({ batchAppend, leader: first.endpoint });
    await first.stop();
    const pointsBack = await serve({ batchAppend, leader: loop.endpoint, port: first.endpoint.port });
    const lost = connect(pointsBack).append('account-1', NO_STREAM, [anEvent('a')]);
    await expect(lost).rejects.toMatchObject({ cause: { message: 'no node says that it is the leader' } });
  });

  it('drops an answer that comes twice, and one that comes too late', async () => {
    const loopback = await serve({ batchAppend });
    const store = connect(loopback);
    loopback.faults.nextAppends('answered-twice');
    expect(await store.append('account-1', NO_STREAM, [anEvent('a')])).toMatchObject({ revision: 0 });
    expect(await store.append('account-1', 0, [anEvent('b')])).toMatchObject({ revision: 1 });
    loopback.faults.slowMs = ANSWER_TIMEOUT_MS + 250;
    loopback.faults.nextAppends('slow');
    const late = [anEvent('c')];
    await expect(store.append('account-1', 1, late)).rejects.toBeInstanceOf(AppendOutcomeUnknown);
    await sleep(500);
    expect(await store.append('account-1', 1, late)).toMatchObject({ revision: 2 });
  });

  it('leaves the appends of other clients alone when one connection breaks', async () => {
    const loopback = await serve({ batchAppend });
    const [one, two] = [connect(loopback), connect(loopback)];
    await Promise.all([one, two].map((store, i) => store.append(`account-${i}`, NO_STREAM, [anEvent('a')])));
    loopback.faults.slowMs = 60;
    loopback.faults.nextAppends('slow', 'lost-stream-broken');
    const ends = await Promise.allSettled([
      one.append('account-0', 0, [anEvent('slow')]),
      sleep(20).then(() => two.append('account-1', 0, [anEvent('broken')])),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('writes every append once while faults hit many that are under way', async () => {
    const loopback = await serve({ batchAppend });
    const store = withAmbiguityRetry(connect(loopback), { attempts: 20, backoff: () => 2 });
    loopback.faults.slowMs = 5;
    const storm: AppendFault[] = [
      'slow',
      'written-stream-broken',
      'slow',
      'lost-stream-broken',
      'written-no-answer',
      'written-stream-ended',
    ];
    loopback.faults.nextAppends(...storm, ...storm, ...storm);
    const streams = Array.from({ length: 200 }, (_unused, i) => `account-${i}`);
    await sideBySide(streams, 32, async (stream) => {
      const first = await store.append(stream, NO_STREAM, [anEvent('a')]);
      await store.append(stream, first.revision, someEvents('b', 2));
    });
    for (const stream of streams) expect(loopback.log.stream(stream)).toHaveLength(3);
  });

  it('takes the limit that the server has when it is lower than usual', async () => {
    const store = connect(await serve({ batchAppend, maxAppendBytes: 10_000 }));
    const tooLarge = store.append('account-1', NO_STREAM, [anEvent('a', { data: new Uint8Array(20_000) })]);
    await expect(tooLarge).rejects.toBeInstanceOf(AppendTooLarge);
    await expect(tooLarge).rejects.toMatchObject({ bytes: 20_012, limitBytes: 10_000 });
  });

  it('is unavailable while nothing listens, and works when the server is back', async () => {
    const before = await serve({ batchAppend });
    const store = connect(before);
    await store.append('account-1', NO_STREAM, [anEvent('a')]);
    await before.stop();
    // The first may still go out on the connection that is breaking: unknown. From then on it is known.
    await store.append('account-1', 0, [anEvent('x')]).catch(() => undefined);
    await expect(store.append('account-1', 0, [anEvent('b')])).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(all(store.readStream('account-1'))).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(store.ping()).rejects.toBeInstanceOf(EventStoreUnavailable);
    await serve({ batchAppend, log: before.log, port: before.endpoint.port });
    expect(await store.append('account-1', 0, [anEvent('c')])).toMatchObject({ revision: 1 });
    await store.ping();
  });

  it('does not hang on a server that never says what it supports', async () => {
    const loopback = await serve({ batchAppend });
    const store = connect(loopback);
    loopback.faults.silentFeatures = true;
    await expect(store.append('account-1', NO_STREAM, [anEvent('a')])).rejects.toBeInstanceOf(
      EventStoreUnavailable,
    );
    loopback.faults.silentFeatures = false;
    expect(await store.append('account-1', NO_STREAM, [anEvent('b')])).toMatchObject({ revision: 0 });
  });

  it('asks the leader for everything, and uses the call that the server offers', async () => {
    const loopback = await serve({ batchAppend });
    const store = connect(loopback);
    await store.append('account-1', NO_STREAM, [anEvent('a')]);
    await store.append('account-1', 0, [anEvent('b')]);
    await all(store.readStream('account-1'));
    await all(store.readAll({ streamPrefixes: ['account-'] }));
    expect(loopback.seen.withoutLeader).toBe(0);
    expect([loopback.seen.batchAppendCalls, loopback.seen.appendCalls]).toEqual(
      batchAppend ? [1, 0] : [0, 2],
    );
  });

  it('marks JSON objects as JSON for the server’s console, and nothing else', async () => {
    const loopback = await serve({ batchAppend });
    await connect(loopback).append('account-1', NO_STREAM, [
      anEvent('a'),
      anEvent('b', { data: new Uint8Array([1]) }),
    ]);
    const types = loopback.log.records.map(({ contentType }) => contentType);
    expect(types).toEqual(['application/json', 'application/octet-stream']);
  });
});
