/** `npm run bench`: how fast and how large the ledger is on this machine, each number beside a ceiling. */
import { writeFile } from 'node:fs/promises';
import { optionsOrExit } from '../support/options-or-exit.js';
import { grpcToProjected } from './benches/grpc-to-projected.js';
import { kafkaToProjected } from './benches/kafka-to-projected.js';
import { kafkaWithEventStoreDb } from './benches/kafka-with-eventstoredb.js';
import { latency } from './benches/latency.js';
import { memory } from './benches/memory.js';
import { postgres } from './benches/postgres.js';
import { readsAndReplay } from './benches/reads-and-replay.js';
import type { Bench, BenchResult } from './measurement.js';
import { closeAll } from './support/resources.js';
import { readOptions, USAGE } from './options.js';
import { table, thisMachine } from './report.js';

const BENCHES: readonly Bench[] = [
  grpcToProjected,
  kafkaToProjected,
  kafkaWithEventStoreDb,
  latency,
  readsAndReplay,
  postgres,
  memory,
];

async function main(): Promise<void> {
  const options = optionsOrExit(USAGE, () =>
    readOptions(
      process.argv.slice(2),
      BENCHES.map(({ name }) => name),
    ),
  );
  if (options.help || options.list) {
    process.stdout.write(
      options.help ? `${USAGE}\n` : BENCHES.map(({ name, title }) => `${name}  ${title}\n`).join(''),
    );
    return;
  }
  const machine = thisMachine();
  const startedAt = new Date().toISOString();
  const results: BenchResult[] = [];
  for (const bench of BENCHES) {
    if (options.only.length > 0 && !options.only.includes(bench.name)) continue;
    const say = (line: string): void => void process.stderr.write(`${bench.name}: ${line}\n`);
    const from = performance.now();
    const measurements = await bench.run({ ...options, earlier: results, say });
    const seconds = (performance.now() - from) / 1000;
    results.push({ name: bench.name, title: bench.title, seconds, measurements });
  }
  const { cpus, cpu, memoryGiB, node, loadBefore } = machine;
  process.stdout.write(
    `\n${cpus} × ${cpu}, ${memoryGiB} GiB, Node ${node}; load before the run ${loadBefore.toFixed(1)}\n\n${table(results)}\n\n`,
  );
  const json = JSON.stringify({ startedAt, machine, results });
  if (options.json !== undefined) await writeFile(options.json, `${json}\n`);
  process.stdout.write(`${json}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void closeAll().finally(() => process.exit(1)));
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
