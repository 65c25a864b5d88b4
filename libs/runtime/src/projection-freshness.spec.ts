import { beforeEach, describe, expect, it } from '@jest/globals';
import { ProjectionFreshness } from './projection-freshness.js';

describe('the freshness of the read store', () => {
  let now: number;
  let freshness: ProjectionFreshness;
  beforeEach(() => {
    now = Date.parse('2026-03-01T12:00:00.000Z');
    freshness = new ProjectionFreshness(() => now);
  });

  const complaint = (): Promise<string | undefined> =>
    freshness.check().then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );

  it('is not relied on before anything was heard', () => {
    expect(freshness.isFarBehind()).toBe(true);
    freshness.told(undefined);
    expect(freshness.isFarBehind()).toBe(false);
  });

  it('is not in doubt for a projector that lags by seconds', async () => {
    freshness.told(now - 20_000);
    expect(freshness.isFarBehind()).toBe(false);
    expect(await complaint()).toBeUndefined();
  });

  it('is gone while events of long ago wait, however much gets done, and back when young ones do', async () => {
    freshness.told(now - 3_600_000);
    expect(freshness.isFarBehind()).toBe(true);
    expect(await complaint()).toBe(
      'far behind: what was stored at 2026-03-01T11:00:00.000Z is not in the read store yet',
    );
    freshness.told(now - 60_000);
    expect(await complaint()).toMatch(/^far behind/);
    freshness.told(now - 1_000);
    expect(await complaint()).toBeUndefined();
    // Nothing was heard since: what waited a second then has waited for a minute.
    now += 60_000;
    expect(freshness.isFarBehind()).toBe(true);
    freshness.told(undefined);
    expect(freshness.isFarBehind()).toBe(false);
  });
});
