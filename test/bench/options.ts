import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/options-or-exit.js';

export const USAGE = `usage: npm run bench -- [--only <name>]… [--events <n>] [--rounds <n>] [--json <file>] [--list]
  --only     run this bench alone; may be given several times
  --events   usage events per round (default: each bench's own)
  --rounds   rounds per bench, whose median is shown (default 3)
  --json     also write the results to this file; the last line of the output is the same JSON
  --list     name the benches and end`;

export interface Options {
  readonly only: readonly string[];
  readonly events: number | undefined;
  readonly rounds: number;
  readonly json: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

/**
 * @param benches the names of those that there are
 * @throws Error naming the option that makes no sense
 */
export function readOptions(args: readonly string[], benches: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      events: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = values.only.find((name) => !benches.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such bench; --list names them`);
  return {
    only: values.only,
    events: values.events === undefined ? undefined : wholeNumber('events', values.events),
    rounds: wholeNumber('rounds', values.rounds),
    json: values.json,
    list: values.list,
    help: values.help,
  };
}
