import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';

const MINUTE_MS = 60_000;

export const brokerAway: Scenario = {
  name: 'broker-away',
  promise: 'answers over gRPC while the broker is away, and loses nothing of what waited for it',
  shortRounds: 1,
  share: 0.02,
  run: async (play) => {
    const { world, random, say, tally, rounds, long } = play;
    const stage = await play.stage({ ledgers: 2, queries: 1, eventStore: 'sqlite', readStore: 'sqlite' });
    const traffic = await play.traffic(stage);
    for (let round = 1; round <= rounds; round++) {
      await delay(500 + random.below(1_500));
      const awayMs = long ? MINUTE_MS : 15_000;
      say(`round ${round}: the broker is away for ${awayMs} ms`);
      await world.broker.kill();
      tally.killed('broker');
      try {
        await delay(awayMs / 2);
        const before = traffic.answered;
        await delay(awayMs / 2);
        if (traffic.answered === before) throw new Error('no call was answered while the broker was away');
        // Away is not broken: nobody may restart the process for it.
        for (const slot of stage.slots) {
          const complaint = (await slot.defect()) ?? (await slot.unready());
          if (complaint !== undefined) throw new Error(`${slot.name} is not healthy: ${complaint}`);
        }
      } finally {
        await world.broker.restart();
      }
      await stage.untilReady();
    }
    await play.settle(stage, traffic);
  },
};
