/** One real Kafka broker (KRaft, broker and controller in one process), for development and for tests. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { answers, freePort, problemOf } from './answers.mjs';
import { brokerClassPath, missingTools, run } from './jars.mjs';

export { missingTools };

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * The JVM's own choice marks a small heap again and again under load, because batches of a megabyte are as large as its
 * regions: it took half a processor core, of the two that everything shares here.
 */
const COLLECTOR = '-XX:+UseSerialGC';

/** One node, so every internal topic has one replica; few internal partitions, so that it starts fast. */
const properties = ({ port, controllerPort, dataDir }) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${path.join(dataDir, 'log')}
auto.create.topics.enable=false
num.partitions=6
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.index.size.max.bytes=1048576
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
`;

async function format(classPath, dataDir, config) {
  if (existsSync(path.join(dataDir, 'log', 'meta.properties'))) return;
  const clusterId = randomBytes(16).toString('base64url');
  const args = ['-Xmx256m', '-cp', classPath, 'kafka.tools.StorageTool'];
  // In one argument: one id in sixty-four begins with a dash, and would be taken for an option.
  await run('java', [...args, 'format', `--cluster-id=${clusterId}`, '--config', config]);
}

const tail = async (file) => (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(-25).join('\n');

/** Starts the Java process and resolves once it answers. */
async function launch(settings) {
  const { classPath, config, port, logFile, heapMb } = settings;
  const output = openSync(logFile, 'a');
  const args = [
    `-Xmx${heapMb}m`,
    COLLECTOR,
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    classPath,
  ];
  // Its own process group: Ctrl-C in a terminal reaches us, and we stop the broker in order.
  const child = spawn('java', [...args, 'kafka.Kafka', config], {
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const ended = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  const process_ = { child, ended, running: true };
  void ended.then(() => {
    process_.running = false;
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  void ended.then(() => process.off('exit', killWithUs));

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (process_.running && Date.now() < deadline) {
    if (await answers(port)) return process_;
    await sleep(100);
  }
  child.kill('SIGKILL');
  await ended;
  throw new Error(`Kafka on port ${port} did not answer; the end of ${logFile}:\n${await tail(logFile)}`);
}

async function mustBeFree(port) {
  const problem = await problemOf(port);
  if (problem === undefined) return;
  if (problem !== 'EADDRINUSE') throw new Error(`127.0.0.1:${port} cannot be listened at: ${problem}`);
  throw new Error(
    (await answers(port))
      ? `Kafka answers on 127.0.0.1:${port} already`
      : `Something listens on 127.0.0.1:${port} already, and does not answer as Kafka`,
  );
}

/**
 * Starts a broker and resolves once it answers.
 * @param {import('./broker.mjs').BrokerOptions} [options]
 * @returns {Promise<import('./broker.mjs').Broker>}
 */
export async function startBroker(options = {}) {
  const log = options.log ?? (() => undefined);
  const port = options.port ?? (await freePort());
  await mustBeFree(port);
  const classPath = await brokerClassPath(log);
  const ownFolder = options.dataDir === undefined;
  const dataDir = ownFolder
    ? await mkdtemp(path.join(os.tmpdir(), 'purser-kafka-'))
    : path.resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const config = path.join(dataDir, 'server.properties');
  const logFile = path.join(dataDir, 'broker.log');
  const settings = { classPath, config, port, logFile, heapMb: options.heapMb ?? 512 };

  const configure = async () =>
    writeFile(
      config,
      properties({ port, controllerPort: await freePort(), dataDir }) + (options.properties ?? ''),
    );

  let current;
  try {
    log(`preparing ${dataDir}`);
    await configure();
    await format(classPath, dataDir, config);
    log(`starting the broker on port ${port}`);
    current = await launch(settings);
  } catch (error) {
    if (ownFolder) await rm(dataDir, { recursive: true, force: true });
    throw error;
  }

  const end = async (signal) => {
    const { child, ended } = current;
    if (current.running) {
      child.kill(signal);
      const forced = sleep(STOP_TIMEOUT_MS, true, { ref: false });
      if ((await Promise.race([ended, forced])) === true) child.kill('SIGKILL');
    }
    await ended;
  };

  return {
    brokers: [`127.0.0.1:${port}`],
    port,
    dataDir,
    logFile,
    get pid() {
      return current.child.pid;
    },
    get exited() {
      return current.ended.then(() => undefined);
    },
    async kill() {
      await end('SIGKILL');
    },
    async restart() {
      await end('SIGTERM');
      await configure();
      current = await launch(settings);
    },
    async stop() {
      await end('SIGTERM');
      if (ownFolder) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
