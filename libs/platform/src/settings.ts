import { resolve } from 'node:path';
import { z } from 'zod';
import { sqlitePath, storeUrlProblem } from './store-url.js';
import { withoutPassword } from './without-password.js';

const MAX_PORT = 65_535;

const addressLike = (example: string) =>
  z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, `must look like host:port, for example ${example}`)
    .refine((text) => !(hostAndPort(text).port > MAX_PORT), `must have a port of at most ${MAX_PORT}`);

/** Where others listen; at port 0 nobody does. */
const listenerLike = (example: string) =>
  addressLike(example).refine((text) => hostAndPort(text).port !== 0, 'must have a port of at least 1');

const storeUrl = (store: Parameters<typeof storeUrlProblem>[0]) =>
  z
    .string()
    .superRefine((url, context) => {
      const problem = storeUrlProblem(store, url);
      if (problem !== undefined) context.addIssue(problem);
    })
    .optional();

/** What is published goes there: a process that took it for usage would read its own words. */
const OUTGOING_TOPICS = ['ledger-events', 'ledger-alerts'];

const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= minimum && n <= maximum, `must lie between ${minimum} and ${maximum}`);

/** Every variable the processes read, with its default. docs/operations.md lists them for operators. */
const variables = z.object({
  GRPC_ADDRESS: addressLike('127.0.0.1:50051').default('127.0.0.1:50051'),
  HTTP_ADDRESS: addressLike('127.0.0.1:8080').default('127.0.0.1:8080'),
  DATA_DIR: z.string().min(1).default('./data'),
  EVENT_STORE_URL: storeUrl('event store'),
  READ_STORE_URL: storeUrl('read store'),
  KAFKA_BROKERS: z
    .string()
    .transform(listed)
    .pipe(z.array(listenerLike('kafka-1:9092')).min(1))
    .optional(),
  USAGE_TOPIC: z
    .string()
    .regex(/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,200}$/, 'must be a Kafka topic name')
    .refine((topic) => !OUTGOING_TOPICS.includes(topic), 'is a topic that Purser itself publishes to')
    .default('usage-events'),
  /** Whether ledger events and alerts are published to Kafka, by the processes that project. */
  STREAMS_OUT: z.enum(['on', 'off']).default('on'),
  CONSUMER_GROUP: z.string().min(1).default('purser-ledger'),
  USAGE_PARTITIONS: wholeNumber(1, 10_000).default(6),
  /** Accounts whose folded state stays in memory. */
  ACCOUNT_CACHE_SIZE: wholeNumber(1, 1_000_000).default(20_000),
  SCHEDULER_INTERVAL_MS: wholeNumber(10, 3_600_000).default(1_000),
  /** PEM file of the Ed25519 private key that the audit tool signs checkpoints with. */
  CHECKPOINT_KEY: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** What a process was told by its environment, validated. */
export interface Settings {
  readonly grpcAddress: string;
  readonly http: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
  /** Undefined: no Kafka, usage arrives over gRPC alone. */
  readonly kafkaBrokers: readonly string[] | undefined;
  readonly usageTopic: string;
  readonly consumerGroup: string;
  /** Whether this process may publish ledger events and alerts; without Kafka there is nowhere to publish to. */
  readonly streamsOut: boolean;
  readonly usagePartitions: number;
  readonly accountCacheSize: number;
  readonly schedulerIntervalMs: number;
  /** PEM file; undefined: checkpoints are not signed. */
  readonly checkpointKey: string | undefined;
  readonly logLevel: string;
}

/** The environment says something the process cannot run with. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
}

/**
 * Reads the settings from environment variables; an empty variable counts as unset.
 * @throws InvalidSettings naming every wrong variable, its value and what is wrong with it
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.keys(variables.shape).map((name) => [
      name,
      environment[name] === '' ? undefined : environment[name],
    ]),
  );
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const [name, at] = [String(issue.path[0]), issue.path[1]];
      const value = withoutPassword(environment[name] ?? '');
      // Of a list: which one it is.
      const item = typeof at === 'number' ? `${JSON.stringify(listed(value)[at] ?? '')} ` : '';
      return `  ${name}=${JSON.stringify(value)}: ${item}${issue.message}`;
    });
    throw new InvalidSettings(`the environment does not make sense:\n${faults.join('\n')}`);
  }
  const env = parsed.data;
  const eventStoreUrl = env.EVENT_STORE_URL ?? `sqlite:${env.DATA_DIR}/events.db`;
  const readStoreUrl = env.READ_STORE_URL ?? `sqlite:${env.DATA_DIR}/read.db`;
  if (sameFile(eventStoreUrl, readStoreUrl)) {
    throw new InvalidSettings(
      `the environment does not make sense:\n  EVENT_STORE_URL="${eventStoreUrl}" and READ_STORE_URL="${readStoreUrl}": must not be the same file`,
    );
  }
  return {
    grpcAddress: env.GRPC_ADDRESS,
    http: hostAndPort(env.HTTP_ADDRESS),
    dataDir: env.DATA_DIR,
    eventStoreUrl,
    readStoreUrl,
    kafkaBrokers: env.KAFKA_BROKERS,
    usageTopic: env.USAGE_TOPIC,
    consumerGroup: env.CONSUMER_GROUP,
    streamsOut: env.STREAMS_OUT === 'on',
    usagePartitions: env.USAGE_PARTITIONS,
    accountCacheSize: env.ACCOUNT_CACHE_SIZE,
    schedulerIntervalMs: env.SCHEDULER_INTERVAL_MS,
    checkpointKey: env.CHECKPOINT_KEY,
    logLevel: env.LOG_LEVEL,
  };
}

function sameFile(one: string, other: string): boolean {
  const [path, otherPath] = [sqlitePath(one), sqlitePath(other)];
  return path !== undefined && otherPath !== undefined && resolve(path) === resolve(otherPath);
}

/** What is separated by commas. */
function listed(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** Takes an address of the settings apart; an IPv6 address loses its brackets. */
export function hostAndPort(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}
