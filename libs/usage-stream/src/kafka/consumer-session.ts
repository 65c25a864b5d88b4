import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';

import { SHORT_RETRY } from './connection.js';

export interface SessionSettings {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  readonly partitionsConsumedConcurrently: number;
  readonly maxBytesPerPartition: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Without any sign of life for so long, the session is given up. */
  readonly stallMs: number;
}

export interface SessionEvents {
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** The group was joined; these partitions of the topic are ours. */
  joined(partitions: readonly number[]): void;
  rebalancing(): void;
  /** Messages up to `lastOffset` were transaction markers or aborted: nothing for the handler. */
  skipped(partition: number, lastOffset: bigint): void;
}

/** One kafkajs consumer, from connecting to its first fatal error. */
export interface ConsumerSession {
  /** Resolves with what ended it, never rejects. */
  readonly ended: Promise<string>;
  /** Leaves the group and disconnects; gives up waiting after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

/**
 * kafkajs restarts itself after some failures, stops for good after others and hangs after a few; none of that is
 * relied on. A session ends at the first failure kafkajs cannot retry in place, or when it stops giving signs of
 * life, and its owner opens the next one.
 */
export function openSession(settings: SessionSettings, events: SessionEvents): ConsumerSession {
  const { topic } = settings;
  const consumer = settings.kafka.consumer({
    groupId: settings.groupId,
    maxBytesPerPartition: settings.maxBytesPerPartition,
    maxBytes: settings.maxBytes,
    maxWaitTimeInMs: settings.maxWaitMs,
    sessionTimeout: settings.sessionTimeoutMs,
    rebalanceTimeout: settings.rebalanceTimeoutMs,
    heartbeatInterval: settings.heartbeatIntervalMs,
    allowAutoTopicCreation: false,
    retry: { ...SHORT_RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  let end: (reason: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const stopWatching = watchForStall(consumer, settings.stallMs, end);
  listen(consumer, topic, events, end);

  const opening = (async () => {
    await consumer.connect();
    // From the oldest message: usage from before the first start is usage too.
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: settings.partitionsConsumedConcurrently,
      eachBatch: (payload) => events.eachBatch(payload),
    });
  })();
  opening.catch((error: unknown) => end(String(error)));

  return {
    ended,
    async close(timeoutMs) {
      stopWatching();
      end('closed');
      const closing = opening.catch(() => undefined).then(() => consumer.disconnect());
      await atMost(
        timeoutMs,
        closing.catch(() => undefined),
      );
    },
  };
}

function listen(
  consumer: Consumer,
  topic: string,
  events: SessionEvents,
  end: (reason: string) => void,
): void {
  const { GROUP_JOIN, REBALANCING, END_BATCH_PROCESS, CRASH } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload }) => events.joined(payload.memberAssignment[topic] ?? []));
  consumer.on(REBALANCING, () => events.rebalancing());
  consumer.on(END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) events.skipped(payload.partition, BigInt(payload.lastOffset));
  });
  consumer.on(CRASH, ({ payload }) => end(String(payload.error)));
}

/** Calls `stalled` when nothing has come from the broker for so long that kafkajs must be hanging. */
function watchForStall(consumer: Consumer, stallMs: number, stalled: (reason: string) => void): () => void {
  const { FETCH, HEARTBEAT, GROUP_JOIN, END_BATCH_PROCESS } = consumer.events;
  let lastSign = performance.now();
  for (const event of [FETCH, HEARTBEAT, GROUP_JOIN, END_BATCH_PROCESS]) {
    consumer.on(event, () => {
      lastSign = performance.now();
    });
  }
  const timer = setInterval(() => {
    if (performance.now() - lastSign > stallMs) stalled(`no sign of life for ${stallMs} ms`);
  }, stallMs / 10);
  return () => clearInterval(timer);
}

async function atMost(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
