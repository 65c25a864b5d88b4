import { setTimeout as sleep } from 'node:timers/promises';

import type { Admin, IResourceConfigEntry, ITopicConfig } from 'kafkajs';

import { connect, type KafkaConnection } from './connection.js';

export interface TopicSettings {
  readonly usageTopic: string;
  /** Of the usage topic and of `ledger-events`. */
  readonly partitions: number;
}

export const LEDGER_EVENTS_TOPIC = 'ledger-events';
export const LEDGER_ALERTS_TOPIC = 'ledger-alerts';
export const deadLetterTopic = (usageTopic: string): string => `${usageTopic}.dead-letter`;

/** How long usage is kept, 30 days: longer than the longest outage that must lose nothing. */
const USAGE_RETENTION_MS = 30 * 86_400_000;
/** The broker's own default. */
const REPLICATION_FACTOR = -1;
/** A dead letter is a usage message of whatever size the usage topic allows, plus headers. */
const DEAD_LETTER_MAX_BYTES = 64 * 1_048_576;
/** A ledger event may be as large as the event store's append, 1 MiB, and is wrapped once more. */
const LEDGER_EVENT_MAX_BYTES = 8 * 1_048_576;

const config = (entries: Readonly<Record<string, string | number>>): IResourceConfigEntry[] =>
  Object.entries(entries).map(([name, value]) => ({ name, value: String(value) }));

function topics({ usageTopic, partitions }: TopicSettings): ITopicConfig[] {
  return [
    {
      topic: usageTopic,
      numPartitions: partitions,
      // The broker's clock, not the producers': progress in time is read from it.
      configEntries: config({
        'message.timestamp.type': 'LogAppendTime',
        'retention.ms': USAGE_RETENTION_MS,
      }),
    },
    {
      topic: deadLetterTopic(usageTopic),
      numPartitions: 1,
      // Kept until somebody has dealt with them.
      configEntries: config({ 'max.message.bytes': DEAD_LETTER_MAX_BYTES, 'retention.ms': -1 }),
    },
    {
      topic: LEDGER_EVENTS_TOPIC,
      numPartitions: partitions,
      configEntries: config({ 'max.message.bytes': LEDGER_EVENT_MAX_BYTES }),
    },
    { topic: LEDGER_ALERTS_TOPIC, numPartitions: 1, configEntries: [] },
  ].map((topic) => ({ ...topic, replicationFactor: REPLICATION_FACTOR }));
}

/** A topic that was just created is known to every broker a moment later. */
const KNOWN_WITHIN_MS = 30_000;

/**
 * Creates the topics that do not exist; changes nothing about those that do, however they are configured.
 * Resolves when all of them can be used.
 * @returns the names of the topics created
 */
export async function ensureTopics(
  connection: KafkaConnection,
  settings: TopicSettings,
): Promise<readonly string[]> {
  const admin = connect(connection).admin();
  await admin.connect();
  try {
    const wanted = topics(settings);
    const existing = new Set(await admin.listTopics());
    const created: string[] = [];
    for (const topic of wanted) {
      if (existing.has(topic.topic)) continue;
      // One by one: somebody else may be creating the same ones, and kafkajs answers false for those. Its own waiting
      // for leaders gives up at once when a broker has not heard of the topic yet.
      const mine = await admin.createTopics({ topics: [topic], waitForLeaders: false });
      if (mine) created.push(topic.topic);
    }
    if (wanted.some(({ topic }) => !existing.has(topic))) {
      await untilUsable(
        admin,
        wanted.map(({ topic }) => topic),
      );
    }
    return created;
  } finally {
    await admin.disconnect();
  }
}

async function untilUsable(admin: Admin, names: string[]): Promise<void> {
  const deadline = performance.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline)
      throw new Error(`no leader yet for all partitions of ${names.join(', ')}`);
    await sleep(100);
  }
}
