import { setTimeout as delay } from 'node:timers/promises';
import type { Play, Scenario } from '../scenario.js';
import type { Stage } from '../stage/stage.js';

/** Kills on one stage before it is settled and checked; a longer run takes a new stage, with other stores. */
const KILLS_PER_STAGE = 25;
/** After so many kills everything may come up and work for a moment, so that every round has something to break. */
const KILLS_IN_A_ROW = 6;

/** Something that can be killed and comes back. */
interface Victim {
  readonly name: string;
  readonly kind: string;
  readonly weight: number;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export const randomKills: Scenario = {
  name: 'random-kills',
  promise: 'counts everything once while ledgers, queries, broker and PostgreSQL are killed at random',
  shortRounds: 9,
  share: 1,
  run: async (play) => {
    for (let done = 0, part = 0; done < play.rounds; part++) {
      const kills = Math.min(KILLS_PER_STAGE, play.rounds - done);
      // Short runs see the pair that scales out; long ones take turns.
      const eventStore = (part + play.seed) % 2 === 0 ? 'sqlite' : 'eventstoredb';
      const stage = await play.stage({ ledgers: 2, queries: 2, eventStore, readStore: 'postgres' });
      const traffic = await play.traffic(stage);
      await killAtRandom(play, stage, kills, done);
      await play.settle(stage, traffic);
      await stage.release();
      done += kills;
    }
  },
};

async function killAtRandom({ random, say, tally, world }: Play, stage: Stage, kills: number, done: number) {
  const victims = victimsOf(stage, world);
  const comingBack = new Map<Victim, Promise<void>>();
  for (let kill = 1; kill <= kills; kill++) {
    await delay(100 + random.below(1_400));
    const victim = pickByWeight(random.next(), victims);
    await comingBack.get(victim);
    const awayMs = random.below(1_500);
    say(`kill ${done + kill}: ${victim.name}, away for ${awayMs} ms`);
    await victim.kill();
    // An event store that speaks EventStoreDB's protocol is no process of its own: its connections all break.
    if (victim.kind === 'event store') tally.troubled('event store away');
    else tally.killed(victim.kind);
    comingBack.set(
      victim,
      delay(awayMs).then(() => victim.restart()),
    );
    if (kill % KILLS_IN_A_ROW === 0) {
      await Promise.all(comingBack.values());
      await stage.untilReady();
    }
  }
  await Promise.all(comingBack.values());
}

function victimsOf(stage: Stage, { broker, postgres }: Play['world']): Victim[] {
  const { ledgers, queries, server } = stage;
  return [
    ...[...ledgers, ...queries].map((slot) => ({
      name: slot.name,
      kind: slot.app,
      weight: slot.app === 'ledger' ? 3 : 2,
      kill: () => slot.kill(),
      restart: () => slot.start(),
    })),
    theOnly(
      'broker',
      1,
      () => broker.kill(),
      () => broker.restart(),
    ),
    theOnly(
      'PostgreSQL',
      2,
      () => postgres.kill(),
      () => postgres.restart(),
    ),
    ...(server
      ? [
          theOnly(
            'event store',
            2,
            () => server.stop(),
            () => server.restart(),
          ),
        ]
      : []),
  ];
}

function theOnly(kind: string, weight: number, kill: Victim['kill'], restart: Victim['restart']): Victim {
  return { name: kind, kind, weight, kill, restart };
}

function pickByWeight(at: number, victims: readonly Victim[]): Victim {
  let left = at * victims.reduce((sum, { weight }) => sum + weight, 0);
  const found = victims.find(({ weight }) => (left -= weight) < 0) ?? victims[0];
  if (!found) throw new Error('nothing to kill');
  return found;
}
