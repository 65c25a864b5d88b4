import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { EachBatchPayload } from 'kafkajs';

import { BrokerUnavailable } from './broker-unavailable.js';
import { connect, type KafkaConnection } from './connection.js';
import { openSession } from './consumer-session.js';
import type { DeadLetterRecord } from './dead-letter-format.js';

/** A record with its place, as it stands in a topic. */
export interface TopicRecord extends DeadLetterRecord {
  readonly partition: number;
  readonly offset: bigint;
  /** The broker's timestamp, in milliseconds since the epoch. */
  readonly timestampMs: number;
}

/** Called with some records of one partition at a time, in the order of the log; nothing more is read meanwhile. */
export type TopicReader = (records: readonly TopicRecord[]) => Promise<'more' | 'enough'>;

/** There is no such topic. */
export class TopicUnknown extends Error {
  override readonly name = 'TopicUnknown';
}

/** Of one fetch, so that memory is bounded by this and by the largest message there is. */
const FETCH_BYTES = 1_048_576;
const HEARTBEAT_MS = 3_000;
/** A broker from which nothing comes for so long counts as away. */
const STALL_MS = 30_000;
const CLOSE_MS = 5_000;
/**
 * A session ends at the first thing that kafkajs cannot mend, such as a broker that has just started and is still loading
 * its groups. While nothing has been read there may be another.
 */
const SESSIONS = 3;
const PAUSE_MS = 1_000;

/**
 * Reads a topic from its beginning to what was its end when the reading began, each record once, and commits
 * nothing. A transaction that is open at that end is waited for. The group it reads as is named `<client>-read-…` and gone afterwards.
 * @throws TopicUnknown, BrokerUnavailable, and whatever the reader throws
 */
export async function readTopic(
  connection: KafkaConnection,
  topic: string,
  reader: TopicReader,
): Promise<void> {
  const left = await unreadPartitions(connection, topic);
  if (left.size === 0) return;
  let finish: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const finished = new Promise<undefined>((resolve, reject) => {
    finish = () => resolve(undefined);
    fail = reject;
  });
  finished.catch(() => undefined);
  let [begun, over] = [false, false];
  const passed = (partition: number, lastOffset: bigint): void => {
    const span = left.get(partition);
    if (!span) return;
    span.next = lastOffset + 1n > span.next ? lastOffset + 1n : span.next;
    if (span.next >= span.end) left.delete(partition);
    if (left.size === 0) finish();
  };

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch } = payload;
    const records = over ? [] : unreadOf(batch, left.get(batch.partition));
    const beating = setInterval(() => void payload.heartbeat().catch(() => undefined), HEARTBEAT_MS);
    try {
      if (records.length > 0) {
        begun = true;
        if ((await reader(records)) === 'enough') {
          over = true;
          finish();
        }
      }
      payload.resolveOffset(batch.lastOffset());
      passed(batch.partition, BigInt(batch.lastOffset()));
    } catch (error) {
      over = true;
      fail(error);
    } finally {
      clearInterval(beating);
    }
  };

  try {
    for (let attempt = 1; ; attempt++) {
      const session = openSession(settingsFor(connection, topic), {
        eachBatch,
        joined: () => undefined,
        rebalancing: () => undefined,
        skipped: passed,
      });
      try {
        const lost = await Promise.race([finished, session.ended]);
        if (lost === undefined) return;
        if (begun || attempt === SESSIONS) throw new BrokerUnavailable(`reading ${topic}: ${lost}`);
      } finally {
        await session.close(CLOSE_MS);
      }
      await delay(PAUSE_MS);
    }
  } finally {
    over = true;
  }
}

/** The part of a partition that is still to be read. */
interface Span {
  next: bigint;
  /** One after the last record. */
  readonly end: bigint;
}

function settingsFor(connection: KafkaConnection, topic: string): Parameters<typeof openSession>[0] {
  return {
    kafka: connect(connection),
    topic,
    groupId: `${connection.clientId ?? 'purser'}-read-${randomUUID()}`,
    partitionsConsumedConcurrently: 1,
    maxBytesPerPartition: FETCH_BYTES,
    maxBytes: FETCH_BYTES,
    maxWaitMs: 200,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    heartbeatIntervalMs: HEARTBEAT_MS,
    stallMs: STALL_MS,
  };
}

/** After a rebalance the same records come again, and behind the end new ones may stand. */
function unreadOf(batch: EachBatchPayload['batch'], span: Span | undefined): readonly TopicRecord[] {
  if (!span) return [];
  return batch.messages
    .map(({ key, value, headers, offset, timestamp }) => ({
      partition: batch.partition,
      offset: BigInt(offset),
      timestampMs: Number(timestamp),
      key,
      value,
      headers,
    }))
    .filter(({ offset }) => offset >= span.next && offset < span.end);
}

async function unreadPartitions(connection: KafkaConnection, topic: string): Promise<Map<number, Span>> {
  const admin = connect(connection).admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) throw new TopicUnknown(`there is no topic ${topic}`);
    const offsets = await admin.fetchTopicOffsets(topic);
    const spans = offsets.map(({ partition, low, high }): [number, Span] => [
      partition,
      { next: BigInt(low), end: BigInt(high) },
    ]);
    return new Map(spans.filter(([, { next, end }]) => next < end));
  } catch (error) {
    if (error instanceof TopicUnknown) throw error;
    throw new BrokerUnavailable(`looking up ${topic}: ${String(error)}`, { cause: error });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
