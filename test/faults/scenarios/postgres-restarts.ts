import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';

export const postgresRestarts: Scenario = {
  name: 'postgres-restarts',
  promise: 'projects every event once while PostgreSQL is restarted in the middle of transactions',
  shortRounds: 4,
  share: 0.1,
  run: async (play) => {
    const { world, random, say, tally, rounds } = play;
    const { postgres } = world;
    const stage = await play.stage({ ledgers: 1, queries: 2, eventStore: 'sqlite', readStore: 'postgres' });
    const traffic = await play.traffic(stage, { rate: 250 });
    for (let round = 1; round <= rounds; round++) {
      await delay(400 + random.below(1_600));
      const killed = random.next() < 0.5;
      const awayMs = random.below(2_000);
      say(`round ${round}: PostgreSQL ${killed ? 'is killed' : 'shuts down'}, away for ${awayMs} ms`);
      try {
        if (killed) tally.killed('PostgreSQL');
        else tally.troubled('PostgreSQL stopped');
        await (killed ? postgres.kill() : postgres.stop());
        await delay(awayMs);
      } finally {
        await postgres.restart();
      }
      if (random.next() < 0.5) await stage.untilReady();
    }
    await play.settle(stage, traffic);
  },
};
