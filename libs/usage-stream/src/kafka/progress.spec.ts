import { describe, expect, it } from '@jest/globals';

import { ProgressTracker } from './progress.js';

const through = (tracker: ProgressTracker, partition = 0): number | undefined =>
  tracker.progress().find((one) => one.partition === partition)?.consumedThroughMs;

describe('ProgressTracker', () => {
  const assigned = (...partitions: number[]): ProgressTracker => {
    const tracker = new ProgressTracker('usage');
    tracker.assign(partitions);
    return tracker;
  };

  it('knows nothing of a partition until somebody tells', () => {
    const tracker = assigned(2, 1);
    expect(tracker.unknown()).toEqual([1, 2]);
    expect(tracker.progress()).toEqual([
      { topic: 'usage', partition: 1, consumedThroughMs: 0, lag: 0 },
      { topic: 'usage', partition: 2, consumedThroughMs: 0, lag: 0 },
    ]);
  });

  it('is through with the moment of a look once everything below its watermark is done', () => {
    const tracker = assigned(0);
    tracker.observe(0, 10n, 1000);
    tracker.advance(0, 9n);
    expect(through(tracker)).toBe(0);
    tracker.advance(0, 10n);
    expect(through(tracker)).toBe(1000);
  });

  it('never takes a later look for an earlier one', () => {
    const tracker = assigned(0);
    tracker.observe(0, 10n, 1000);
    tracker.observe(0, 20n, 2000);
    tracker.observe(0, 30n, 3000);
    tracker.advance(0, 25n);
    expect(through(tracker)).toBe(2000);
    expect(tracker.progress()[0]?.lag).toBe(5);
  });

  it('advances an idle partition with every look', () => {
    const tracker = assigned(0);
    tracker.advance(0, 5n);
    tracker.observe(0, 5n, 1000);
    tracker.observe(0, 5n, 2000);
    expect(through(tracker)).toBe(2000);
    tracker.observe(0, 6n, 3000);
    expect(through(tracker)).toBe(2000);
  });

  it('takes the time at which the broker appended the last message done', () => {
    const tracker = assigned(0);
    tracker.observe(0, 100n, 9000);
    tracker.advance(0, 50n, 4000);
    expect(through(tracker)).toBe(4000);
    tracker.advance(0, 60n, 3000);
    expect(through(tracker)).toBe(4000);
  });

  it('ignores the time of a message behind its position', () => {
    const tracker = assigned(0);
    tracker.advance(0, 50n, 4000);
    tracker.advance(0, 40n, 8000);
    expect(through(tracker)).toBe(4000);
  });

  it('forgets positions when partitions are assigned anew, and partitions that are gone', () => {
    const tracker = assigned(0, 1);
    tracker.advance(0, 5n, 1000);
    tracker.assign([0]);
    expect(tracker.unknown()).toEqual([0]);
    tracker.advance(1, 5n, 1000);
    tracker.observe(1, 5n, 1000);
    expect(tracker.assigned()).toEqual([0]);
    expect(through(tracker)).toBe(0);
  });

  it('stays exact enough and small through a backlog of hours', () => {
    const tracker = assigned(0);
    for (let second = 1; second <= 20_000; second++) tracker.observe(0, BigInt(second), second * 1000);
    tracker.advance(0, 10_000n);
    const reached = through(tracker) ?? 0;
    expect(reached).toBeLessThanOrEqual(10_000_000);
    expect(reached).toBeGreaterThan(9_900_000);
  });
});
