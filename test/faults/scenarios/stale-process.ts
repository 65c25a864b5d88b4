import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/process.js';
import type { Scenario } from '../scenario.js';
import type { Slot } from '../stage/slot.js';

/** The consumer's session and the projector's lease: after so long others take over. */
const TAKEN_OVER_AFTER_MS = 10_000;
const MINUTE_MS = 60_000;

export const staleProcess: Scenario = {
  name: 'stale-process',
  promise: 'counts nothing twice when a process wakes up after others took over its work',
  shortRounds: 1,
  share: 0.02,
  run: async (play) => {
    const { random, say, tally, rounds, long } = play;
    const eventStore = play.seed % 2 === 0 ? 'eventstoredb' : 'sqlite';
    const stage = await play.stage({ ledgers: 2, queries: 2, eventStore, readStore: 'postgres' });
    // A refused attempt may be overtaken by one that slept: what a synchronous debit came to is not known for sure.
    const traffic = await play.traffic(stage, { synchronous: false });
    for (let round = 1; round <= rounds; round++) {
      await delay(1_000 + random.below(1_000));
      const ledger = random.pick(stage.ledgers);
      const sleepers = [ledger, random.pick(stage.queries)];
      const sleepMs = (long ? MINUTE_MS : TAKEN_OVER_AFTER_MS + 3_000) + random.below(3_000);
      const before = await appendsOf(ledger);
      say(`round ${round}: ${sleepers.map(({ name }) => name).join(' and ')} sleep for ${sleepMs} ms`);
      for (const sleeper of sleepers) {
        sleeper.pause();
        tally.troubled(`${sleeper.app} asleep`);
      }
      await delay(sleepMs);
      for (const sleeper of sleepers) sleeper.resume();
      // With all that it still remembers it goes on as if nothing had been.
      await until(`${ledger.name} appends again`, async () => (await appendsOf(ledger)) > before);
      await stage.untilReady();
      say(
        `${await ledger.metric('purser_appends_total', 'conflict')} appends of ${ledger.name} conflicted so far`,
      );
    }
    await play.settle(stage, traffic);
  },
};

const appendsOf = (ledger: Slot): Promise<number> => ledger.metric('purser_appends_total', 'result="ok"');
