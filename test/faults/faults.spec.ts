import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { play } from './scenario.js';
import { SCENARIOS } from './scenarios/index.js';
import { whyNoSmallDisk } from './stage/small-disk.js';
import { createWorld, whyNoWorld, type World } from './stage/world.js';
import { Tally } from './tally.js';

/** The same on every machine; `FAULTS_SEED=N npm test -- faults` and `npm run faults -- --seed N` play others. */
const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261);
/** Far beyond what a scenario takes, even on a machine that does something else beside it. */
const TIMEOUT_MS = 420_000;

const noWorld = await whyNoWorld();

/** Runs what can be run; in CI what cannot is a failure, elsewhere it is said aloud. */
function promise(name: string, reason: string | undefined, test: () => Promise<void>): void {
  if (reason === undefined) it(name, test, TIMEOUT_MS);
  else if (process.env['CI'] === undefined) {
    process.stderr.write(`\n*** NOT RUN: ${name}\n*** ${reason}\n\n`);
    it.skip(`${name} (NOT RUN: ${reason})`, test);
  } else {
    it(name, () => {
      throw new Error(`not run: ${reason}`);
    });
  }
}

describe('a ledger of several processes with real servers, under load', () => {
  const said: string[] = [];
  let world: World | undefined;

  beforeAll(async () => {
    if (noWorld === undefined) world = await createWorld((line) => said.push(line));
  }, 180_000);
  afterAll(async () => {
    await world?.release();
  }, 60_000);

  for (const scenario of SCENARIOS) {
    const reason = noWorld ?? (scenario.name === 'disk-full' ? whyNoSmallDisk() : undefined);
    promise(scenario.promise, reason, async () => {
      if (!world) throw new Error('the servers are not there');
      said.length = 0;
      const tally = new Tally();
      const rounds = scenario.shortRounds;
      const wrong = await play(scenario, {
        world,
        seed: SEED,
        rounds,
        long: false,
        say: (line) => said.push(line),
        tally,
      }).then(
        () => [],
        (error: unknown) => [String(error), ...said],
      );
      expect(wrong).toEqual([]);
      // It was no quiet day: things broke, and there was something to lose.
      expect(tally.troubles).toBeGreaterThanOrEqual(scenario.shortRounds / 2);
      expect(tally.outcomes.debited).toBeGreaterThan(20);
    });
  }
});
