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
      { onAway: ({ message }) => told.push(message), pauseMs: 1 },
    );
    expect([opened, told]).toEqual(['open', ['starting up', 'refused']]);
  });

  it('does not wait where waiting mends nothing', async () => {
    const wrong = () => Promise.reject(new Error('password authentication failed'));
    const told: string[] = [];
    await expect(
      whenThere(wrong, { onAway: ({ message }) => told.push(message), pauseMs: 1 }),
    ).rejects.toThrow('password authentication failed');
    expect(told).toEqual([]);
  });

  it('gives up waiting when the process stops', async () => {
    const stop = new AbortController();
    const away = () => Promise.reject(new ReadStoreUnavailable('refused'));
    const opening = whenThere(away, { onAway: () => stop.abort(), signal: stop.signal, pauseMs: 60_000 });
    await expect(opening).rejects.toThrow(ReadStoreUnavailable);
  });
});
