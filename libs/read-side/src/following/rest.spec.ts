import { describe, expect, it } from '@jest/globals';
import { restAfter } from './rest.js';

const TERMS = { leastMs: 5, mostMs: 30 };

describe('the rest of a follower', () => {
  it('is short after what came alone, and long after a large batch, but never longer', () => {
    expect(restAfter(0, TERMS)).toBe(5);
    expect(restAfter(1, TERMS)).toBeLessThan(6);
    expect(restAfter(500, TERMS)).toBe(17.5);
    expect(restAfter(1_000, TERMS)).toBe(30);
    expect(restAfter(10_000, TERMS)).toBe(30);
  });

  it.each([100, 1_000, 5_000, 14_000, 50_000])('finds its place at %i events/s', (perSecond) => {
    let rest = 0;
    for (let batch = 0; batch < 100; batch++) rest = restAfter((rest / 1000) * perSecond, TERMS);
    expect(rest).toBeCloseTo(restAfter((rest / 1000) * perSecond, TERMS), 3);
    expect(rest).toBeLessThanOrEqual(30);
  });

  it('is none where none is wanted, and as long as the least where that is longer', () => {
    expect(restAfter(10_000, { leastMs: 0, mostMs: 30 })).toBe(0);
    expect(restAfter(10_000, { leastMs: 1_000, mostMs: 30 })).toBe(1_000);
  });
});
