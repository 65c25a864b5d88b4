import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded, type Random } from '../support/random.js';
import { outcomesInWords } from './checks/outcomes.js';
import { settleAndCheck } from './checks/settle.js';
import { createStage, type Stage, type StageOptions } from './stage/stage.js';
import type { World } from './stage/world.js';
import type { Tally } from './tally.js';
import type { Produced } from './traffic/produced.js';
import { customersOf, loadFaultPlans, subscribeCustomers } from './traffic/setup.js';
import { Traffic, type TrafficOptions } from './traffic/traffic.js';

/** What a scenario is run with. */
export interface Play {
  readonly world: World;
  readonly seed: number;
  /** How many times something is broken. */
  readonly rounds: number;
  /** Long runs pause and stay away for as long as the real thing may; short ones for CI, just long enough. */
  readonly long: boolean;
  readonly random: Random;
  readonly say: (line: string) => void;
  /** Scenarios note here what they do to their victims. */
  readonly tally: Tally;
  /** A stage for this play alone, torn down behind it. */
  stage(options: Omit<StageOptions, 'run'>): Promise<Stage>;
  /** Customers with the steady plan, and producers that serve them. */
  traffic(stage: Stage, options?: Pick<Partial<TrafficOptions>, 'rate' | 'synchronous'>): Promise<Traffic>;
  /** Stops the traffic, waits for quiet, and holds the ledger to its promises. @throws Error with every fault */
  settle(stage: Stage, traffic: Traffic): Promise<void>;
  /** The same for what the scenario produced itself. */
  check(stage: Stage, produced: Produced): Promise<void>;
}

/** One way in which the world breaks. */
export interface Scenario {
  readonly name: string;
  /** What is promised, as a test is named. */
  readonly promise: string;
  /** Times something is broken in the short series of CI. */
  readonly shortRounds: number;
  /** Of the rounds of a long run, the part that is played of this one: those that take a minute each, fewer. */
  readonly share: number;
  run(play: Play): Promise<void>;
}

export interface PlayOptions {
  readonly world: World;
  readonly seed: number;
  readonly rounds: number;
  readonly long: boolean;
  readonly say: (line: string) => void;
  readonly tally: Tally;
}

const CUSTOMERS = 30;

/**
 * Plays a scenario once. Whatever happens, its processes are ended and its folders removed.
 * @throws Error saying what is wrong, how to see it again, and where the processes' logs are
 */
export async function play(
  scenario: Scenario,
  { world, seed, rounds, long, say, tally }: PlayOptions,
): Promise<void> {
  const run = `${scenario.name}-${seed}-${Date.now().toString(36)}`;
  const stages: Stage[] = [];
  const traffics: Traffic[] = [];
  const startedMs = performance.now();
  say(`${scenario.name}: seed ${seed}, ${rounds} rounds`);
  const at: Play = {
    world,
    seed,
    rounds,
    long,
    random: seeded(seed),
    tally,
    say: (line) => {
      say(`  ${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
    },
    stage: async (options) => {
      const stage = await createStage(world, { ...options, run: `${run}-${stages.length}` });
      // Known before it is ready: when it never is, its logs say why.
      stages.push(stage);
      await stage.start();
      return stage;
    },
    traffic: async (stage, options = {}) => {
      const [ledger] = stage.ledgers;
      if (!ledger) throw new Error('traffic needs a ledger process');
      const customers = customersOf(stage.options.run, CUSTOMERS);
      await loadFaultPlans(ledger.grpcAddress);
      await subscribeCustomers(ledger.grpcAddress, customers);
      const traffic = new Traffic({
        ...options,
        seed,
        run: stage.options.run,
        brokers: stage.brokers,
        topic: stage.topic,
        ledgers: stage.ledgers.map(({ grpcAddress }) => grpcAddress),
        customers,
      });
      traffics.push(traffic);
      traffic.start();
      return traffic;
    },
    settle: async (stage, traffic) => {
      at.say('everything is back; waiting for quiet');
      await at.check(stage, await traffic.stop());
    },
    check: async (stage, produced) => {
      const { faults, outcomes, auditClean } = await settleAndCheck(stage, produced);
      tally.settled(outcomes, { auditClean });
      const { messages, grants, repeats } = produced;
      at.say(outcomesInWords(outcomes));
      at.say(
        `${messages} messages, ${grants.length} grants, ${repeats} calls repeated: ${faults.length} faults`,
      );
      if (faults.length > 0) {
        throw new Error(`${faults.length} faults:\n${faults.slice(0, 20).join('\n')}`);
      }
    },
  };
  try {
    await scenario.run(at);
  } catch (error) {
    const logs = await keepLogs(scenario.name, stages);
    const again = `npm run faults -- --only ${scenario.name} --rounds ${rounds} --seed ${seed}${long ? '' : ' --short'}`;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`${scenario.name}: ${what}\nagain: ${again}\nlogs: ${logs}`, { cause: error });
  } finally {
    for (const traffic of traffics) await traffic.abandon();
    for (const stage of stages) await stage.release();
  }
}

/** Kept only when something is wrong. */
async function keepLogs(name: string, stages: readonly Stage[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `purser-faults-${name}-`));
  for (const slot of stages.flatMap(({ slots }) => slots)) {
    await writeFile(join(folder, `${slot.name.replace(' ', '-')}.log`), slot.output);
  }
  return folder;
}
