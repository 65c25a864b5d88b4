import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/options-or-exit.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios/index.js';

export const USAGE = `usage: npm run faults -- [--rounds 40] [--seed <n>] [--only <scenario>,…] [--short]
  --rounds  how often something is killed at random; the other scenarios follow with their share of it
  --seed    what is killed when (default: another one each time)
  --only    play these scenarios alone: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --short   as npm test plays them`;

export interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly scenarios: readonly Scenario[];
  readonly short: boolean;
  readonly help: boolean;
}

/** @throws Error naming the option that makes no sense */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '40' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string' },
      short: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: wholeNumber('rounds', values.rounds),
    seed: wholeNumber('seed', values.seed, 0),
    scenarios: chosen(values.only),
    short: values.short,
    help: values.help,
  };
}

function chosen(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return SCENARIOS;
  return only.split(',').map((wanted) => {
    const found = SCENARIOS.find(({ name }) => name === wanted);
    if (!found) throw new Error(`--only ${wanted}: there is no such scenario`);
    return found;
  });
}
