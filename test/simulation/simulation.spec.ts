import { describe, expect, it } from '@jest/globals';
import {
  OUTAGE_STEPS,
  outageEpisode,
  RULES_STEPS,
  rulesEpisode,
  SYSTEM_STEPS,
  systemEpisode,
} from './simulator/episode.js';

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);
/** Fixed seeds must stay quick on a busy machine; none of them depends on how long it takes. */
const PATIENCE_MS = 60_000;

describe('the simulated ledger', () => {
  it.each(seeds(1, 10))(
    'keeps every promise whatever crashes, repeats, reorders or lies (npm run simulate -- --kind system --seed %i --steps 2000)',
    async (seed) => {
      const { failure, events } = await systemEpisode(seed, SYSTEM_STEPS);
      expect(failure).toBeUndefined();
      expect(events).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  it.each(seeds(1, 30))(
    'decides as the model does (npm run simulate -- --kind rules --seed %i --steps 80)',
    (seed) => {
      expect(rulesEpisode(seed, RULES_STEPS).failure).toBeUndefined();
    },
    PATIENCE_MS,
  );

  it.each(seeds(1, 8))(
    'ends in the same balances with a week without consumers (npm run simulate -- --kind outage --seed %i --steps 80)',
    async (seed) => {
      expect((await outageEpisode(seed, OUTAGE_STEPS)).failure).toBeUndefined();
    },
    PATIENCE_MS,
  );

  it.each(seeds(11, 2))(
    'repeats run %i exactly, whatever the machine is doing',
    async (seed) => {
      const once = await systemEpisode(seed, 500);
      const others = await Promise.all([systemEpisode(seed, 500), systemEpisode(seed + 1, 300)]);
      expect(others[0]).toEqual(once);
      expect(once.course).not.toBe(others[1].course);
    },
    PATIENCE_MS,
  );
});
