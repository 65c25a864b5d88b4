/**
 * `npm run demo`: a day of usage of an AI product, played into a running ledger and proved. Goes through Kafka when
 * KAFKA_BROKERS is set, over gRPC otherwise.
 */
import { SingleBar } from 'cli-progress';
import { instantFromMs } from '#domain';
import { CallFailed } from '#platform';
import { textTo } from '../../apps/catalog/src/text-to.js';
import { optionsOrExit } from '../support/options-or-exit.js';
import { dayOfUsage, type Day } from './day.js';
import { readOptions, USAGE, type Options } from './options.js';
import { playOverGrpc, playOverKafka, type Played } from './play.js';
import { expectedCosts, prove, type Books } from './prove.js';
import { settled } from './settled.js';
import { CREDIT_SYSTEM, loadPlans, subscribeAll } from './setup.js';
import { equation, wallets } from './show.js';

const write = textTo(process.stdout);
const say = (...lines: readonly string[]): void => write(`${lines.join('\n')}\n`);

/** Shows how far something that takes a while has come: a bar at a terminal, a line at the end elsewhere. */
async function withProgress<T>(
  what: string,
  total: number,
  work: (progress: (done: number) => void) => Promise<T>,
): Promise<T> {
  const bar = new SingleBar({ format: `${what.padEnd(22)} {bar} {value}/{total}`, hideCursor: true });
  const shown = process.stderr.isTTY;
  if (shown) bar.start(total, 0);
  try {
    const result = await work((done) => {
      bar.update(done);
    });
    bar.update(total);
    return result;
  } finally {
    bar.stop();
    if (!shown) say(`${what}: ${total}`);
  }
}

async function main(): Promise<number> {
  const options = optionsOrExit(USAGE, () => readOptions(process.argv.slice(2), process.env));
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const { customers, usages, seed, ledger, query } = options;
  const until = instantFromMs(Date.now() - 60_000);
  const run = `demo${Date.now().toString(36)}`;
  const day = dayOfUsage({ seed, run, until, customers, usages });

  const { terms, scale, report } = await loadPlans(ledger);
  say(...report);
  await withProgress('subscribing', day.customers.length, (progress) =>
    subscribeAll(ledger, day.customers, until, progress),
  );
  const way = wayOf(options, day);
  const startedMs = performance.now();
  const { tally, surprises, answered } = await withProgress(
    'playing a day of usage',
    way.deliveries,
    way.play,
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  say('', `${way.deliveries} deliveries in ${seconds.toFixed(1)} s:`);
  for (const [outcome, count] of Object.entries(tally).sort())
    say(`  ${String(count).padStart(7)}  ${outcome}`);

  const expected = expectedCosts(day.deliveries, terms, scale);
  const settle = (what: string, surely: boolean): Promise<void> =>
    withProgress(what, expected.size, (progress) =>
      settled(query, { customers: [...expected.keys()], answered, surely }, progress),
    );
  const addUp = (): Promise<Books> =>
    withProgress('adding up', expected.size, (progress) => prove(query, CREDIT_SYSTEM, expected, progress));
  await settle('waiting for the ledger', false);
  let books = await addUp();
  // Kafka does not answer what became of usage: some may still be on its way.
  if (books.faults.length > 0 && options.kafka) {
    await settle('waiting some more', true);
    books = await addUp();
  }
  say('', ...(await wallets(query, day.customers.slice(0, 6))), '', ...equation(books));

  const faults = [...surprises, ...books.faults];
  for (const fault of faults.slice(0, 20)) say(`  ✗ ${fault}`);
  say(
    faults.length === 0
      ? '  ✓ nothing lost, nothing twice: every account adds up exactly'
      : `  ✗ ${faults.length} faults`,
  );
  return faults.length === 0 ? 0 : 1;
}

/** How the day is played into the ledger, and how many of its deliveries go that way. */
interface Way {
  readonly deliveries: number;
  readonly play: (progress: (done: number) => void) => Promise<Played>;
}

function wayOf({ ledger, kafka }: Options, { deliveries }: Day): Way {
  if (kafka) {
    const { brokers, topic } = kafka;
    return {
      deliveries: deliveries.length,
      play: (progress) => playOverKafka(brokers, topic, deliveries, progress),
    };
  }
  // Bytes that are no usage event have no place in a message of gRPC.
  const usages = deliveries.filter((delivery) => 'usage' in delivery);
  return { deliveries: usages.length, play: (progress) => playOverGrpc(ledger, usages, progress) };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CallFailed)) throw error;
  process.stderr.write(`purser: ${error.message}\nIs the ledger running? Start it with: npm start\n`);
  process.exitCode = 1;
}
