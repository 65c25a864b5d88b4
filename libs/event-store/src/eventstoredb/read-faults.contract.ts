import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreUnavailable } from '../errors.js';
import { NO_STREAM } from '../port.js';
import { withAmbiguityRetry } from '../retrying.js';
import { all, follow } from '../testing/contract/collecting.js';
import { anEvent } from '../testing/events.js';
import type { Loopback } from '../testing/loopback/index.js';
import { connect, serve } from './faults-fixture.js';
import { openEventStoreDb } from './open.js';

describe('EventStoreDB adapter, when reads break off', () => {
  const filled = async (count: number, bytes = 10): Promise<Loopback> => {
    const loopback = await serve();
    const store = connect(loopback, { appendTimeoutMs: 5000 });
    for (let revision = NO_STREAM; revision < count - 1;) {
      const events = Array.from({ length: 200 }, () => anEvent('', { data: new Uint8Array(bytes) }));
      ({ revision } = await store.append('account-1', revision, events));
    }
    return loopback;
  };

  it.each(['broken', 'not-leader', 'not-ready', 'no-answer'] as const)(
    '%s: goes on where it was',
    async (fault) => {
      const loopback = await filled(1000);
      const store = connect(loopback);
      const upwards = Array.from({ length: 1000 }, (_, i) => i);
      loopback.faults.readsBreakAfter = 300;
      loopback.faults.nextReads(fault, fault);
      expect((await all(store.readStream('account-1'))).map(({ revision }) => revision)).toEqual(upwards);
      loopback.faults.nextReads(fault, fault);
      const backward = await all(store.readStream('account-1', { direction: 'backward' }));
      expect(backward.map(({ revision }) => revision)).toEqual(upwards.toReversed());
      // A read of $all may be silent for as long as the server searches.
      if (fault !== 'no-answer') loopback.faults.nextReads(fault, fault);
      const viaAll = await all(store.readAll({ streamPrefixes: ['account-'] }));
      expect(viaAll.map(({ revision }) => revision)).toEqual(upwards);
    },
  );

  it('gives up reading from a server that keeps failing', async () => {
    const loopback = await filled(200);
    loopback.faults.nextReads('not-ready', 'not-ready', 'not-ready', 'not-ready');
    await expect(all(connect(loopback).readStream('account-1'))).rejects.toBeInstanceOf(
      EventStoreUnavailable,
    );
  });

  it('names the credentials when access is denied', async () => {
    const loopback = await filled(200);
    loopback.faults.nextReads('access-denied', 'access-denied', 'access-denied', 'access-denied');
    await expect(all(connect(loopback).readStream('account-1'))).rejects.toThrow(
      /access denied.*credentials/i,
    );
  });

  it('takes a subscription up again after every way of ending it', async () => {
    const loopback = await filled(1000);
    const store = connect(loopback);
    loopback.faults.readsBreakAfter = 150;
    loopback.faults.nextReads('broken', 'ended', 'no-answer', 'not-ready', 'not-leader', 'too-slow', 'ended');
    const { events } = await follow(
      store.subscribe({ streamPrefixes: ['account-'], signal: new AbortController().signal }),
      (so) => so.events.length >= 1000,
    );
    expect(events.map(({ revision }) => revision)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('says when a subscription is refused access', async () => {
    const loopback = await filled(200);
    loopback.faults.nextReads('access-denied');
    const refused = follow(
      connect(loopback).subscribe({ streamPrefixes: ['account-'], signal: new AbortController().signal }),
      () => false,
    );
    await expect(refused).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(refused).rejects.toThrow(/account-: access denied.*credentials/);
  });

  it('says when a subscription has brought nothing for a while', async () => {
    const loopback = await filled(200);
    loopback.faults.nextReads(...Array.from({ length: 8 }, () => 'not-ready' as const));
    const failing = follow(
      connect(loopback).subscribe({ streamPrefixes: ['account-'], signal: new AbortController().signal }),
      () => true,
    );
    await expect(failing).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(failing).rejects.toThrow(/not ready/i);
  });

  it('finds a server that was away while a subscription was live', async () => {
    const before = await serve();
    const store = connect(before);
    await store.append('account-1', NO_STREAM, [anEvent('a')]);
    let back: Promise<unknown> | undefined;
    const { events } = await follow(
      store.subscribe({ streamPrefixes: ['account-'], signal: new AbortController().signal }),
      (so) => {
        if (so.batches.at(-1)?.caughtUp) {
          back ??= (async () => {
            await before.stop();
            await sleep(100);
            const again = await serve({ log: before.log, port: before.endpoint.port });
            const writer = withAmbiguityRetry(connect(again));
            await writer.append('account-1', 0, [anEvent('b')]);
          })();
        }
        return so.events.length >= 2;
      },
    );
    await back;
    expect(events.map(({ revision }) => revision)).toEqual([0, 1]);
  });

  it('holds the server back while the reader of a subscription is busy', async () => {
    const loopback = await filled(10_000, 2000);
    const store = connect(loopback);
    const before = loopback.seen.readMessages;
    let received = 0;
    for await (const batch of store.subscribe({
      streamPrefixes: ['account-'],
      signal: new AbortController().signal,
      maxBatch: 100,
    })) {
      expect(batch.events.length).toBeLessThanOrEqual(100);
      if (received === 0) {
        // Long enough for everything to arrive, had nobody held it back.
        let sent = -1;
        while (sent !== loopback.seen.readMessages) {
          sent = loopback.seen.readMessages;
          await sleep(100);
        }
        expect(loopback.seen.readMessages - before).toBeLessThan(2000);
      }
      received += batch.events.length;
      if (received >= 10_000) break;
    }
    expect(received).toBe(10_000);
  });
});

describe('EventStoreDB adapter', () => {
  it('refuses a malformed connection string at once', () => {
    expect(() => openEventStoreDb({ url: 'http://localhost:2113' })).toThrow(/esdb/);
  });

  it('works with credentials in the connection string', async () => {
    const loopback = await serve();
    const store = connect({ url: loopback.url.replace('esdb://', 'esdb://admin:changeit@') });
    expect(await store.append('account-1', NO_STREAM, [anEvent('a')])).toMatchObject({ revision: 0 });
    expect(loopback.seen.batchAppendCalls).toBe(1);
  });

  it('says that it is closed after it was closed', async () => {
    const store = connect(await serve());
    await store.append('account-1', NO_STREAM, [anEvent('a')]);
    await store.close();
    await expect(store.append('account-1', 0, [anEvent('b')])).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(all(store.readStream('account-1'))).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(store.ping()).rejects.toBeInstanceOf(EventStoreUnavailable);
  });

  it('ends its subscriptions when it is closed', async () => {
    const store = connect(await serve());
    let closing: Promise<void> | undefined;
    for await (const batch of store.subscribe({
      streamPrefixes: ['a'],
      signal: new AbortController().signal,
    })) {
      expect(closing).toBeUndefined();
      if (batch.caughtUp) closing = sleep(1).then(() => store.close());
    }
    await closing;
  });
});
