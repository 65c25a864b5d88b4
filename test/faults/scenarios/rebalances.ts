import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';

export const rebalances: Scenario = {
  name: 'rebalances',
  promise: 'counts everything once while ledger processes join and leave their consumer group',
  shortRounds: 6,
  share: 0.1,
  run: async (play) => {
    const { random, say, tally, rounds } = play;
    const eventStore = play.seed % 2 === 0 ? 'sqlite' : 'eventstoredb';
    const stage = await play.stage({ ledgers: 3, queries: 1, eventStore, readStore: 'sqlite' });
    const traffic = await play.traffic(stage);
    let left = 0;
    for (let round = 1; round <= rounds; round++) {
      await delay(300 + random.below(1_500));
      const running = stage.ledgers.filter((slot) => slot.running);
      const idle = stage.ledgers.filter((slot) => !slot.running);
      if (idle.length > 0 && (running.length === 1 || random.next() < 0.4)) {
        const joining = random.pick(idle);
        say(`round ${round}: ${joining.name} joins`);
        await joining.start();
        // Half of them are asked to leave before they have properly arrived.
        if (random.next() < 0.5) await joining.untilReady();
        continue;
      }
      const leaving = random.pick(running);
      const inOrder = left++ % 2 === 0;
      say(`round ${round}: ${leaving.name} ${inOrder ? 'leaves' : 'is killed'}`);
      const ready = (await leaving.complaint()) === undefined;
      if (!inOrder) {
        tally.killed('ledger');
        await leaving.kill();
      } else {
        tally.troubled('ledger stopped');
        const status = await leaving.stop();
        if (ready && status !== 0) {
          throw new Error(`${leaving.name} was asked to stop and ended with ${String(status)}`);
        }
      }
    }
    await Promise.all(stage.ledgers.map((slot) => slot.start()));
    await play.settle(stage, traffic);
  },
};
