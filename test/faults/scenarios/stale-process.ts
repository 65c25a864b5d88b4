import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';

/** The consumer's session and the projector's lease: after so long others take over. */
const TAKEN_OVER_AFTER_MS = 10_000;

export const staleProcess: Scenario = {
  name: 'stale-process',
  promise: 'counts nothing twice when a process wakes up after others took over its work',
  shortRounds: 1,
  run: async (play) => {
    const { random, say, rounds, long } = play;
    const eventStore = play.seed % 2 === 0 ? 'eventstoredb' : 'sqlite';
    const stage = await play.stage({ ledgers: 2, queries: 2, eventStore, readStore: 'postgres' });
    // A refused attempt may be overtaken by one that slept: what a synchronous debit came to is not known for sure.
    const traffic = await play.traffic(stage, { synchronous: false });
    for (let round = 1; round <= rounds; round++) {
      await delay(1_000 + random.below(1_000));
      const sleepers = [random.pick(stage.ledgers), random.pick(stage.queries)];
      const sleepMs = TAKEN_OVER_AFTER_MS + 3_000 + random.below(long ? 47_000 : 3_000);
      say(`round ${round}: ${sleepers.map(({ name }) => name).join(' and ')} sleep for ${sleepMs} ms`);
      for (const sleeper of sleepers) sleeper.pause();
      await delay(sleepMs);
      for (const sleeper of sleepers) sleeper.resume();
      await stage.untilReady();
    }
    // Awake again among the others, with all that it still remembers.
    await delay(2_000);
    await play.settle(stage, traffic);
  },
};
