import type { Admin, Kafka } from 'kafkajs';

import type { StreamLogger } from './logging.js';
import type { ProgressTracker } from './progress.js';

export interface WatermarkPolling {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  readonly tracker: ProgressTracker;
  readonly intervalMs: number;
  readonly logger: StreamLogger;
  /** Called after every look that succeeded. */
  readonly onLook: () => void;
}

/**
 * Looks at the high watermarks at intervals, so that idle partitions advance in time too, and at the committed
 * offsets of partitions whose position is not known yet. A look that fails is missed, nothing more: progress then
 * stands still, which delays expiries and loses nothing.
 * @returns ends the polling; resolves when the connection is closed
 */
export function pollWatermarks(polling: WatermarkPolling): () => Promise<void> {
  const { kafka, intervalMs, logger, tracker, onLook } = polling;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let admin: Admin | undefined;

  const look = async (): Promise<void> => {
    try {
      if (tracker.assigned().length === 0) return;
      if (admin === undefined) {
        const opened = kafka.admin({ retry: { retries: 0 } });
        await opened.connect();
        admin = opened;
      }
      await lookOnce(admin, polling);
      onLook();
    } catch (error) {
      logger.debug('high watermarks not read', { topic: polling.topic, error: String(error) });
      const broken = admin;
      admin = undefined;
      await broken?.disconnect().catch(() => undefined);
    }
  };
  const loop = async (): Promise<void> => {
    await look();
    if (!stopped) timer = setTimeout(() => void (running = loop()), intervalMs);
  };
  let running = loop();

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
    await admin?.disconnect().catch(() => undefined);
  };
}

async function lookOnce(admin: Admin, polling: WatermarkPolling): Promise<void> {
  const { topic, groupId, tracker } = polling;
  const at = Date.now();
  const assigned = new Set(tracker.assigned());
  const watermarks = await admin.fetchTopicOffsets(topic);
  const unknown = new Set(tracker.unknown());
  if (unknown.size > 0) {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    for (const { partition, offset } of committed?.partitions ?? []) {
      if (!unknown.has(partition)) continue;
      const low = BigInt(watermarks.find((entry) => entry.partition === partition)?.low ?? '0');
      // -1: never committed, so consuming begins at the oldest message there is.
      const next = BigInt(offset) < low ? low : BigInt(offset);
      tracker.advance(partition, next);
    }
  }
  for (const { partition, high } of watermarks) {
    if (assigned.has(partition)) tracker.observe(partition, BigInt(high), at);
  }
}
