import { setTimeout as delay } from 'node:timers/promises';
import type { AppendFault, ReadFault } from '#event-store/testing/loopback';
import type { Scenario } from '../scenario.js';
import type { EventStoreServer } from '../stage/stage.js';
import type { Random } from '../../support/random.js';

const APPEND_FAULTS: readonly AppendFault[] = [
  'answered-twice',
  'slow',
  'written-stream-broken',
  'lost-stream-broken',
  'written-stream-ended',
  'written-timeout',
  'busy',
  'not-ready',
  'no-leader',
  'unavailable',
  'unknown',
];
/** These keep a caller waiting until its own time-out: one now and then. */
const SILENCES: readonly AppendFault[] = ['written-no-answer', 'lost-no-answer'];
const READ_FAULTS: readonly ReadFault[] = ['broken', 'ended', 'not-ready'];

export const eventStoreFaults: Scenario = {
  name: 'event-store-faults',
  promise: 'counts everything once while the event store is away, slow, silent, or answers twice',
  shortRounds: 10,
  share: 0.3,
  run: async (play) => {
    const { random, say, tally, rounds } = play;
    const stage = await play.stage({
      ledgers: 2,
      queries: 1,
      eventStore: 'eventstoredb',
      readStore: 'sqlite',
    });
    const { server } = stage;
    if (!server) throw new Error('this scenario needs an event store of its own');
    const traffic = await play.traffic(stage);
    for (let round = 1; round <= rounds; round++) {
      await delay(200 + random.below(1_000));
      say(`round ${round}: ${await misbehave(server, random)}`);
      tally.troubled('event store misbehaving');
    }
    await play.settle(stage, traffic);
  },
};

/** Does something to the server; returns what, in words. */
async function misbehave(server: EventStoreServer, random: Random): Promise<string> {
  const { faults } = server;
  switch (random.below(6)) {
    case 0: {
      const awayMs = 200 + random.below(3_000);
      await server.stop();
      await delay(awayMs);
      await server.restart();
      return `away for ${awayMs} ms`;
    }
    case 1:
      await server.disconnect();
      return 'every connection broken';
    case 2: {
      const silence = random.pick(SILENCES);
      faults.nextAppends(silence);
      return silence;
    }
    case 3: {
      faults.slowMs = 50 + random.below(2_000);
      faults.nextAppends(...Array.from({ length: 30 }, () => 'slow' as const));
      return `30 answers ${faults.slowMs} ms late`;
    }
    case 4: {
      const some = Array.from({ length: 5 }, () => random.pick(READ_FAULTS));
      faults.nextReads(...some);
      return `reads: ${some.join(', ')}`;
    }
    default: {
      const some = Array.from({ length: 12 }, () => random.pick(APPEND_FAULTS));
      faults.nextAppends(...some);
      return `appends: ${some.join(', ')}`;
    }
  }
}
