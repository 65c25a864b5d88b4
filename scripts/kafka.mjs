/** `npm run kafka [-- --port 9092 --data ./data/kafka]`: a real single-node broker until Ctrl-C. */
import process from 'node:process';
import { parseArgs } from 'node:util';

import { startBroker } from './kafka/broker.mjs';

const USAGE = `usage: npm run kafka -- [--port 9092] [--data <folder>]
  --port   TCP port on 127.0.0.1 (default 9092)
  --data   keep the log in this folder (default: a temporary one, removed at the end)
  The jars are kept in .cache/kafka, or in the folder KAFKA_CACHE names.`;

function options() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '9092' },
      data: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--port ${values.port}: expected a whole number from 1 to 65535`);
  }
  return { port, help: values.help === true, ...(values.data === undefined ? {} : { dataDir: values.data }) };
}

async function main() {
  const { help, ...settings } = options();
  if (help) {
    console.log(USAGE);
    return;
  }
  let broker;
  let asked = false;
  const stop = () => {
    if (asked) return;
    asked = true;
    console.log('kafka: stopping');
    void broker?.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    broker = await startBroker({ ...settings, log: (line) => console.log(`kafka: ${line}`) });
  } catch (error) {
    // What was starting was stopped with us, and failed for that reason.
    if (!asked) throw error;
  }
  if (broker !== undefined && !asked) {
    console.log(`kafka: ready, process ${broker.pid}, log in ${broker.logFile}`);
    console.log(`KAFKA_BROKERS=${broker.brokers.join(',')}`);
    await broker.exited;
    if (!asked) throw new Error(`the broker ended by itself; see ${broker.logFile}`);
  }
  await broker?.stop();
  console.log('kafka: stopped');
}

main().catch((error) => {
  console.error(`kafka: ${error.message}`);
  if (error.code?.startsWith('ERR_PARSE_ARGS')) console.error(USAGE);
  process.exitCode = 1;
});
