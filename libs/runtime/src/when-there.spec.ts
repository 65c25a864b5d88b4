import { describe, expect, it } from '@jest/globals';
import { EventStoreUnavailable } from '#event-store';
import { ReadStoreUnavailable } from '#read-store';
import { whenThere } from './when-there.js';

describe('opening a store', () => {
  it('waits for one that is away and tells so each time', async () => {
    const errors = [new ReadStoreUnavailable('starting up'), new EventStoreUnavailable('refused')];
    const told: string[] = [];
    const opened = await whenThere(
      () => {
        const error = errors.shift();
        if (error) throw error;
        return 'open';
      },
      { onAway: ({ message }) => told.push(message), signal: new AbortController().signal, pauseMs: 1 },
    );
    expect([opened, told]).toEqual(['open', ['starting up', 'refused']]);
  });

  it('does not wait where waiting mends nothing', async () => {
    const wrong = () => Promise.reject(new Error('password authentication failed'));
    const told: string[] = [];
    await expect(
      whenThere(wrong, {
        onAway: ({ message }) => told.push(message),
        signal: new AbortController().signal,
        pauseMs: 1,
      }),
    ).rejects.toThrow('password authentication failed');
    expect(told).toEqual([]);
  });

  it('gives up waiting when the process stops: it tries no more, and nothing has failed', async () => {
    const stop = new AbortController();
    let tried = 0;
    const away = () => {
      tried += 1;
      return Promise.reject(new ReadStoreUnavailable('refused'));
    };
    const onAway = (): void => {
      stop.abort();
    };
    const opening = whenThere<string>(away, { onAway, signal: stop.signal, pauseMs: 60_000 });
    expect(await opening).toBeUndefined();
    expect(tried).toBe(1);
  });
});
