/**
 * `npm run faults -- --rounds 200 --seed 7 [--only random-kills] [--short]`: real processes under load, killed, put
 * to sleep and cut off, and the ledger held to its promises afterwards. `--rounds` is how often something is killed
 * at random; the other scenarios follow with their share of it. Ends with a count of what was broken and of what
 * became of everything that was produced, and with status 1 when something is wrong.
 */
import { optionsOrExit } from '../support/options-or-exit.js';
import { readOptions, USAGE } from './options.js';
import { play } from './scenario.js';
import { createWorld, whyNoWorld } from './stage/world.js';
import { Tally } from './tally.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { scenarios, seed, rounds, short, help } = optionsOrExit(USAGE, () =>
    readOptions(process.argv.slice(2)),
  );
  if (help) {
    say(USAGE);
    return 0;
  }
  const missing = await whyNoWorld();
  if (missing !== undefined) {
    process.stderr.write(`faults: ${missing}\n`);
    return 1;
  }
  const world = await createWorld(say);
  const tally = new Tally();
  const failures: string[] = [];
  try {
    for (const scenario of scenarios) {
      // Named alone it gets all the rounds; among the others, those that are slow by nature get fewer.
      const share = scenarios.length === 1 ? 1 : scenario.share;
      const times = Math.max(share === 1 ? 1 : scenario.shortRounds, Math.ceil(rounds * share));
      const startedMs = performance.now();
      try {
        await play(scenario, { world, seed, rounds: times, long: !short, say, tally });
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
        say(`✗ ${failures.at(-1) ?? ''}`);
      }
      say(`${scenario.name}: ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
    }
  } finally {
    await world.release();
  }
  for (const line of ['', ...tally.lines()]) say(line);
  say(failures.length === 0 ? '✓ nothing lost, nothing twice' : `✗ ${failures.length} scenarios failed`);
  return failures.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say(`${signal}: ending`);
    process.exit(130);
  });
}
process.exitCode = await main();
