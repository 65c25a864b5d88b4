import { parseArgs } from 'node:util';
import { OUTAGE_STEPS, RULES_STEPS, runEpisode, SYSTEM_STEPS, type Kind } from './simulator/episode.js';
import { Tally } from './simulator/tally.js';

const USAGE = `npm run simulate -- [--steps 20000] [--seed 1] [--kind all|system|rules|outage] [--keep-going] [--counts]

  --steps       steps in all; a run of the whole system takes ${SYSTEM_STEPS} of them, then the next seed follows
  --seed        of the first run; the same seed and steps repeat a run exactly
  --kind        system: processes over failing stores · rules: the rules alone against the model ·
                outage: the same input with and without a week without consumers · all: one of each per seed
  --keep-going  go on after a failure and count them
  --counts      say what became of which kind of command`;

const KINDS: readonly Kind[] = ['system', 'rules', 'outage'];
const LENGTH: Readonly<Record<Kind, number>> = {
  system: SYSTEM_STEPS,
  rules: RULES_STEPS,
  outage: OUTAGE_STEPS,
};
const REPORT_EVERY_MS = 5_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => process.stderr.write(`${line}\n`);

interface Options {
  readonly steps: number;
  readonly seed: number;
  readonly kinds: readonly Kind[];
  readonly keepGoing: boolean;
  readonly counts: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      steps: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      kind: { type: 'string', default: 'all' },
      'keep-going': { type: 'boolean', default: false },
      counts: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    process.exit(0);
  }
  const kinds = KINDS.filter((kind) => values.kind === 'all' || values.kind === kind);
  if (kinds.length === 0) throw new RangeError(`--kind ${values.kind}: there is no such kind`);
  return {
    steps: positive('--steps', values.steps),
    seed: positive('--seed', values.seed),
    kinds,
    keepGoing: values['keep-going'],
    counts: values.counts,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} ${text}: a whole number from 1`);
  return value;
}

/** Runs seeds one after the other until the steps are used up. The last line is JSON, for scripts. */
async function simulate({ steps, seed: first, kinds, keepGoing, counts }: Options): Promise<number> {
  const started = performance.now();
  let [done, runs, events, failures, reported] = [0, 0, 0, 0, started];
  const tally = new Tally();
  const perSecond = () => Math.round((done / (performance.now() - started)) * 1000);
  for (let seed = first; done < steps && (keepGoing || failures === 0); seed += 1) {
    for (const kind of kinds) {
      if (done >= steps) break;
      const length = Math.min(LENGTH[kind], steps - done);
      const episode = await runEpisode(kind, seed, length);
      done += episode.steps;
      events += episode.events;
      tally.add(episode.tally);
      runs += 1;
      if (episode.failure !== undefined) {
        failures += 1;
        complain(`\nseed ${seed} (${kind}): ${episode.failure}`);
        complain(`again: npm run simulate -- --kind ${kind} --seed ${seed} --steps ${length}\n`);
        if (!keepGoing) break;
      }
      if (performance.now() - reported >= REPORT_EVERY_MS) {
        reported = performance.now();
        const share = Math.floor((100 * done) / steps);
        say(
          `${share} %  ${done} steps  ${runs} runs  ${perSecond()} steps/s  seed ${seed}  ${failures} failures`,
        );
      }
    }
  }
  if (counts) for (const line of tally.lines()) say(line);
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  const summary = {
    steps: done,
    runs,
    events,
    failures,
    firstSeed: first,
    seconds,
    stepsPerSecond: perSecond(),
  };
  say(JSON.stringify(summary));
  return failures === 0 ? 0 : 1;
}

try {
  process.exitCode = await simulate(readOptions(process.argv.slice(2)));
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  complain(`\n${USAGE}`);
  process.exitCode = 2;
}
