import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent, SubscriptionBatch } from '#event-store';
import { Backlog } from './backlog.js';

const batch = (caughtUp: boolean, ...storedAtMs: readonly number[]): SubscriptionBatch => ({
  events: storedAtMs.map((ms) => ({ storedAtMs: ms }) as RecordedEvent),
  checkpoint: 1n,
  caughtUp,
});

describe('what a follower is behind with', () => {
  let backlog: Backlog;
  beforeEach(() => {
    backlog = new Backlog();
  });

  it('is as old as the oldest event that is not done with, of whichever batch in hand', () => {
    backlog.take(batch(false, 10, 11));
    backlog.take(batch(true, 12, 13));
    expect(backlog.sinceMs).toBe(10);
    backlog.done();
    expect(backlog.sinceMs).toBe(12);
    backlog.done();
    expect(backlog.sinceMs).toBeUndefined();
  });

  it('is as old as the last event done with while the store has more to deliver, also beside an empty batch', () => {
    backlog.take(batch(false, 10, 11));
    backlog.done();
    expect(backlog.sinceMs).toBe(11);
    backlog.take(batch(false));
    backlog.done();
    expect(backlog.sinceMs).toBe(11);
    backlog.take(batch(true));
    backlog.done();
    expect(backlog.sinceMs).toBeUndefined();
  });

  it('grows old through failures, until it is done with or another one’s', () => {
    backlog.take(batch(true, 10));
    backlog.giveUp();
    backlog.take(batch(true, 10));
    expect(backlog.sinceMs).toBe(10);
    backlog.done();
    expect(backlog.sinceMs).toBeUndefined();
    backlog.take(batch(true, 20));
    backlog.clear();
    expect(backlog.sinceMs).toBeUndefined();
  });
});
