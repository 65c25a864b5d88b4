import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe } from '@jest/globals';

import { missingTools, startBroker, type Broker } from '../../scripts/kafka/broker.mjs';
import { startKafkaContainer } from './kafka-container.js';

/** A real Kafka for tests. */
export interface TestKafka {
  readonly brokers: readonly string[];
  /** Only of a broker that these tests started and may kill; undefined when KAFKA_BROKERS or Docker provides it. */
  readonly broker?: Broker;
  release(): Promise<void>;
}

const run = promisify(execFile);

const dockerAnswers = (): Promise<boolean> =>
  run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );

/** Why there is no Kafka to test with; undefined when there is. In CI (env CI) that is an error. */
export async function whyNoKafka(): Promise<string | undefined> {
  if (process.env['KAFKA_BROKERS'] !== undefined) return undefined;
  const missing = await missingTools();
  if (missing === undefined || (await dockerAnswers())) return undefined;
  return `KAFKA_BROKERS is not set, ${missing} is missing here, and no Docker engine answers`;
}

/** KAFKA_BROKERS if set, else a broker of our own on Java, else one in Docker. Throws when none can be had. */
export async function acquireKafka(): Promise<TestKafka> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined) return { brokers: given.split(','), release: () => Promise.resolve() };
  const missing = await missingTools();
  if (missing === undefined) {
    const broker = await startBroker();
    return { brokers: broker.brokers, broker, release: () => broker.stop() };
  }
  if (await dockerAnswers()) return startKafkaContainer();
  throw new Error(`No Kafka to test with: ${String(await whyNoKafka())}.`);
}

const noKafka = await whyNoKafka();

/**
 * Registers tests that need a broker; one broker for all of them. Without one they fail in CI, and elsewhere say
 * loudly that they did not run.
 */
export function describeWithKafka(name: string, tests: (kafka: () => TestKafka) => void): void {
  if (noKafka !== undefined) {
    if (process.env['CI'] !== undefined) throw new Error(`${name}: ${noKafka}`);
    process.stderr.write(`\n*** NOT RUN: ${name}\n*** ${noKafka}\n\n`);
    describe.skip(`${name} (NOT RUN: ${noKafka})`, () => tests(() => unavailable()));
    return;
  }
  describe(name, () => {
    let kafka: TestKafka | undefined;
    beforeAll(async () => {
      kafka = await acquireKafka();
    }, 180_000);
    afterAll(async () => {
      await kafka?.release();
    }, 60_000);
    tests(() => kafka ?? unavailable());
  });
}

function unavailable(): never {
  throw new Error('Kafka is only there while a test runs');
}
