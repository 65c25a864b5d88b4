import { describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreUnavailable } from '../errors.js';
import { NO_STREAM } from '../port.js';
import { all } from '../testing/contract/collecting.js';
import { someEvents } from '../testing/events.js';
import type { Loopback } from '../testing/loopback/index.js';
import { connect, serve } from './faults-fixture.js';
import { startProxy } from './freezing-proxy.js';

const streamPrefixes = ['account-'];

describe('EventStoreDB adapter, when the server searches $all without a word', () => {
  const filled = async (): Promise<Loopback> => {
    const loopback = await serve();
    await connect(loopback).append('account-1', NO_STREAM, someEvents('a', 4));
    return loopback;
  };

  it('waits for longer than for other answers', async () => {
    const loopback = await filled();
    loopback.faults.searchMs = 400;
    const store = connect(loopback, { readTimeoutMs: 100 });
    const calls = loopback.seen.readCalls;
    expect(await all(store.readAll({ streamPrefixes }))).toHaveLength(4);
    expect(loopback.seen.readCalls - calls).toBe(1);
  });

  it('takes what it was asked for, and does not wait for what would come next', async () => {
    const loopback = await filled();
    const [first] = await all(connect(loopback).readAll({ streamPrefixes, limit: 1 }));
    loopback.faults.searchMs = 600_000;
    expect(await all(connect(loopback).readAll({ streamPrefixes, limit: 1 }))).toHaveLength(1);
    expect(first?.revision).toBe(0);
  });

  it('ends when the store is closed', async () => {
    const loopback = await filled();
    loopback.faults.searchMs = 600_000;
    const store = connect(loopback);
    const reading = all(store.readAll({ streamPrefixes }));
    const ended = expect(reading).rejects.toBeInstanceOf(EventStoreUnavailable);
    await sleep(50);
    await store.close();
    await ended;
  });

  it('finds out when nobody is there any more, and goes on', async () => {
    const loopback = await filled();
    // The client warns of a keep-alive that is shorter than it would advise.
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const proxy = await startProxy(loopback.endpoint.port);
    try {
      loopback.faults.searchMs = 600_000;
      const keepAlive = 'keepAliveInterval=100&keepAliveTimeout=200';
      const store = connect({ url: `esdb://127.0.0.1:${proxy.port}?tls=false&${keepAlive}` });
      const reading = all(store.readAll({ streamPrefixes }));
      while (loopback.seen.readMessages === 0) await sleep(10);
      proxy.freeze();
      loopback.faults.searchMs = 0;
      expect((await reading).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    } finally {
      warn.mockRestore();
      await proxy.close();
    }
  });
});
