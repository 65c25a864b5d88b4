import { broken } from './checks.js';
import { compareOutage } from './outage.js';
import { compareRules, makeRun } from './rules.js';
import { System } from './system.js';
import { Tally } from './tally.js';

/** What one seed came to. */
export interface Episode {
  readonly steps: number;
  /** Events that stand in the simulated ledger in the end. */
  readonly events: number;
  /** Sums up what happened in which order; the same for the same seed and steps. */
  readonly course: string;
  /** In words, the first thing that is not as it must be; undefined: all is well. */
  readonly failure: string | undefined;
  /** What became of the commands. */
  readonly tally: Tally;
}

export type Kind = 'system' | 'rules' | 'outage';

/** Several processes over failing stores, then everything compared: model, ledger, projections, answers. */
export async function systemEpisode(seed: number, steps: number): Promise<Episode> {
  const system = new System(seed);
  const seen = () => ({
    steps,
    events: system.stage.total,
    course: system.stage.gates.course(),
    tally: system.tally(),
  });
  try {
    await system.run(steps);
    const failure = await broken(system);
    return { ...seen(), failure };
  } catch (error) {
    return { ...seen(), failure: inWords(error) };
  } finally {
    await system.close();
  }
}

/** The ledger's rules alone against the model's, command by command. */
export function rulesEpisode(seed: number, steps: number): Episode {
  const tally = new Tally();
  try {
    const difference = compareRules(makeRun(seed, steps), tally);
    return {
      steps,
      events: 0,
      course: '',
      failure: difference && `at command ${difference.step}: ${difference.what}`,
      tally,
    };
  } catch (error) {
    return { steps, events: 0, course: '', failure: inWords(error), tally };
  }
}

/** The same input with and without an outage of a week. */
export async function outageEpisode(seed: number, steps: number): Promise<Episode> {
  const tally = new Tally();
  try {
    return { steps, events: 0, course: '', failure: await compareOutage(seed, steps), tally };
  } catch (error) {
    return { steps, events: 0, course: '', failure: inWords(error), tally };
  }
}

/** Commands of one rules run, and points of one outage: enough to meet everything, short enough to understand. */
export const RULES_STEPS = 80;
export const OUTAGE_STEPS = 80;
/** Steps of one system run at most, before it comes to rest and is looked at. */
export const SYSTEM_STEPS = 2000;

export function runEpisode(kind: Kind, seed: number, steps: number): Episode | Promise<Episode> {
  switch (kind) {
    case 'system':
      return systemEpisode(seed, steps);
    case 'rules':
      return rulesEpisode(seed, steps);
    case 'outage':
      return outageEpisode(seed, steps);
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
