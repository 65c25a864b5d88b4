import { describe, expect, it } from '@jest/globals';
import { instant } from '#domain';
import { expiryAt, sampleChange, settleAt } from '../samples.js';
import type { GetStage } from './fixture.js';

const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const on = (day: number) => instant(at(day));

export function describeSchedule(getStage: GetStage): void {
  describe('agenda, horizons and leases', () => {
    it('finds what the clock and what each usage horizon has made due, longest due first', async () => {
      const { store, apply } = getStage();
      await apply(
        sampleChange('a', 0, { agenda: [settleAt('a', at(5)), expiryAt('a', 'ai-tokens', at(4))] }),
        sampleChange('b', 0, { agenda: [settleAt('b', at(6)), expiryAt('b', 'compute', at(1))] }),
        sampleChange('c', 0, {
          agenda: [expiryAt('c', 'ai-tokens', at(3)), expiryAt('c', 'compute', at(3))],
        }),
      );
      const due = (day: number, usageHorizons: Record<string, number> = {}, limit = 100) =>
        store.due({
          now: on(day),
          usageHorizons: Object.fromEntries(
            Object.entries(usageHorizons).map(([key, horizon]) => [key, on(horizon)]),
          ),
          limit,
        });
      expect(await due(4)).toEqual([]);
      expect(await due(5)).toEqual([settleAt('a', at(5))]);
      expect(await due(31)).toEqual([settleAt('a', at(5)), settleAt('b', at(6))]);
      expect(await due(5, { 'ai-tokens': 3 })).toEqual([
        expiryAt('c', 'ai-tokens', at(3)),
        settleAt('a', at(5)),
      ]);
      const everything = [
        expiryAt('b', 'compute', at(1)),
        expiryAt('c', 'ai-tokens', at(3)),
        expiryAt('c', 'compute', at(3)),
        expiryAt('a', 'ai-tokens', at(4)),
        settleAt('a', at(5)),
        settleAt('b', at(6)),
      ];
      expect(await due(31, { 'ai-tokens': 31, compute: 31, unknown: 31 })).toEqual(everything);
      expect(await due(31, { 'ai-tokens': 31, compute: 31 }, 2)).toEqual(everything.slice(0, 2));
      expect(await due(1, { constructor: 31 })).toEqual([]);
    });

    it('replaces an account’s agenda as a whole', async () => {
      const { store, apply } = getStage();
      const everything = { now: on(31), usageHorizons: { 'ai-tokens': on(31) }, limit: 10 };
      await apply(
        sampleChange('a', 0, { agenda: [settleAt('a', at(5)), expiryAt('a', 'ai-tokens', at(4))] }),
      );
      await apply(
        sampleChange('a', 1, { agenda: [settleAt('a', at(5)), expiryAt('a', 'ai-tokens', at(4))] }),
      );
      expect(await store.due(everything)).toEqual([expiryAt('a', 'ai-tokens', at(4)), settleAt('a', at(5))]);
      await apply(sampleChange('a', 2, { agenda: [settleAt('a', at(9))] }));
      expect(await store.due(everything)).toEqual([settleAt('a', at(9))]);
      expect(await store.agenda('a')).toEqual([settleAt('a', at(9))]);
      await apply(sampleChange('a', 3));
      expect(await store.due(everything)).toEqual([]);
      expect(await store.agenda('a')).toEqual([]);
      expect(await store.agenda('nobody')).toEqual([]);
    });

    it('keeps the agenda of one account in order of time', async () => {
      const { store, apply } = getStage();
      const agenda = [expiryAt('a', 'z', at(9)), settleAt('a', at(2)), expiryAt('a', 'ä', at(9))];
      await apply(sampleChange('a', 0, { agenda }));
      expect(await store.agenda('a')).toEqual([
        settleAt('a', at(2)),
        expiryAt('a', 'z', at(9)),
        expiryAt('a', 'ä', at(9)),
      ]);
    });

    it('never takes a horizon back', async () => {
      const { store, another } = getStage();
      const horizon = (partition: string, day: number) => ({ partition, consumedThrough: on(day) });
      expect(await store.horizons()).toEqual([]);
      await store.publishHorizons([horizon('usage-events/1', 5), horizon('usage-events/0', 3)]);
      const other = await another();
      await other.publishHorizons([horizon('usage-events/1', 4), horizon('usage-events/2', 1)]);
      await store.publishHorizons([horizon('usage-events/0', 6), horizon('usage-events/0', 2)]);
      await store.publishHorizons([]);
      expect(await other.horizons()).toEqual([
        horizon('usage-events/0', 6),
        horizon('usage-events/1', 5),
        horizon('usage-events/2', 1),
      ]);
    });

    it('gives a lease to one holder, who may prolong it and give it up', async () => {
      const { store, another } = getStage();
      const other = await another();
      expect(await store.acquireLease('projector 0', 'one', 600_000)).toBe(true);
      expect(await other.acquireLease('projector 0', 'two', 600_000)).toBe(false);
      expect(await other.acquireLease('scheduler', 'two', 600_000)).toBe(true);
      expect(await store.acquireLease('projector 0', 'one', 600_000)).toBe(true);
      await other.releaseLease('projector 0', 'two');
      expect(await other.acquireLease('projector 0', 'two', 600_000)).toBe(false);
      await store.releaseLease('projector 0', 'one');
      expect(await other.acquireLease('projector 0', 'two', 600_000)).toBe(true);
      expect(await store.acquireLease('projector 0', 'one', 600_000)).toBe(false);
    });

    it('passes a lease on once it has run out', async () => {
      const { store, another } = getStage();
      const other = await another();
      expect(await store.acquireLease('projector 0', 'one', 50)).toBe(true);
      let attempts = 0;
      while (!(await other.acquireLease('projector 0', 'two', 600_000))) {
        attempts++;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(attempts).toBeLessThan(1000);
      expect(await store.acquireLease('projector 0', 'one', 600_000)).toBe(false);
    });

    it('passes on a lease that a clock ahead of now has taken', async () => {
      const { store, another } = getStage();
      const other = await another();
      const anHourAhead = 600_000 + 3_600_000;
      expect(await store.acquireLease('projector 0', 'one', anHourAhead)).toBe(true);
      expect(await other.acquireLease('projector 0', 'two', 600_000)).toBe(true);
      expect(await store.acquireLease('projector 0', 'one', 600_000)).toBe(false);
    });

    it('gives a lease that many ask for at once to one of them', async () => {
      const { store, another } = getStage();
      const other = await another();
      const holders = Array.from({ length: 10 }, (_, index) => `holder ${index}`);
      const got = await Promise.all(
        holders.map((holder, index) =>
          (index % 2 ? store : other).acquireLease('scheduler', holder, 600_000),
        ),
      );
      expect(got.filter(Boolean)).toHaveLength(1);
    });
  });
}
