import { OUTGOING_TOPICS } from '#adapters';
import { startThread, type BackgroundThread, type ThreadSurroundings } from './background-thread.js';
import { FollowerHealth, type FollowerMessage } from './follower-health.js';
import { streamLogger } from './stream-logger.js';
import { toldChanges } from './told-changes.js';

/** What the thread is given. */
export interface StreamsOutTask {
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
  readonly brokers: readonly string[];
  readonly usageTopic: string;
  /** Partitions of the topics when they have to be created. */
  readonly partitions: number;
}

/** What the thread tells. */
export type StreamsOutMessage =
  | {
      readonly kind: 'progress';
      readonly events: number;
      readonly alerts: number;
      readonly behindSinceMs: number | undefined;
    }
  | FollowerMessage
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly text: string;
      readonly details: object;
    };

/**
 * Starts the thread that publishes ledger events and alerts, and puts what it tells into metrics, log and health.
 * It has a thread of its own, so that neither a broker that is away nor a message that it refuses holds up the
 * projector. For the same reason it only advises readiness: reads are as good without it.
 */
export function startStreamsOut(task: StreamsOutTask, surroundings: ThreadSurroundings): BackgroundThread {
  const { health, logger, metrics } = surroundings;
  const module = new URL('./streams-out.worker.js', import.meta.url);
  const said = streamLogger(logger);
  const follower = new FollowerHealth({
    log: toldChanges(logger, 'streams out'),
    behind: (sinceMs) => {
      metrics.streamsOutLag.since({}, sinceMs);
    },
  });
  const thread = startThread('streams out', module, task, surroundings, (told) => {
    const message = told as StreamsOutMessage;
    if (message.kind === 'log') {
      said[message.level](message.text, { ...message.details });
      return;
    }
    if (message.kind !== 'progress') {
      follower.hear(message);
      return;
    }
    metrics.publishedMessages.inc({ topic: OUTGOING_TOPICS.events }, message.events);
    metrics.publishedMessages.inc({ topic: OUTGOING_TOPICS.alerts }, message.alerts);
    follower.moved(message.behindSinceMs);
  });
  health.add({ name: 'streams out', advisory: true, check: () => follower.check() });
  return thread;
}
