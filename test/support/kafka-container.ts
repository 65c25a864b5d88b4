import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { answers, freePort } from '../../scripts/kafka/answers.mjs';

const IMAGE = 'apache/kafka:4.1.1';
const run = promisify(execFile);

/** A single-node broker in Docker, for machines without Java. */
export async function startKafkaContainer(): Promise<{ brokers: string[]; release: () => Promise<void> }> {
  const port = await freePort();
  const settings = {
    NODE_ID: '1',
    PROCESS_ROLES: 'broker,controller',
    LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:29093`,
    ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    CONTROLLER_QUORUM_VOTERS: '1@localhost:29093',
    OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    TRANSACTION_STATE_LOG_MIN_ISR: '1',
    GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
    AUTO_CREATE_TOPICS_ENABLE: 'false',
  };
  const env = Object.entries(settings).flatMap(([name, value]) => ['-e', `KAFKA_${name}=${value}`]);
  const { stdout } = await run('docker', [
    'run',
    '-d',
    '--rm',
    '-p',
    `127.0.0.1:${port}:${port}`,
    ...env,
    IMAGE,
  ]);
  const container = stdout.trim();
  const release = async (): Promise<void> => {
    await run('docker', ['stop', container]);
  };
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await answers(port)) return { brokers: [`127.0.0.1:${port}`], release };
    await sleep(100);
  }
  await release();
  throw new Error(`Kafka in the container ${container} (${IMAGE}) did not answer on port ${port}`);
}
