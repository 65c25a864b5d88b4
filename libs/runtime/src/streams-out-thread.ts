import { OUTGOING_TOPICS } from '#adapters';
import { startThread, type BackgroundThread, type ThreadSurroundings } from './background-thread.js';
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
  | { readonly kind: 'progress'; readonly events: number; readonly alerts: number; readonly lagMs: number }
  | {
      readonly kind: 'state';
      readonly state: 'active' | 'standby' | 'unready' | 'superseded';
      readonly reason?: string;
      readonly lagMs?: number;
    }
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
  const log = toldChanges(logger, 'streams out');
  let away: string | undefined = 'starting';
  const thread = startThread('streams out', module, task, surroundings, (told) => {
    const message = told as StreamsOutMessage;
    if (message.kind === 'log') {
      logger[message.level](message.details, message.text);
      return;
    }
    if (message.kind === 'progress') {
      away = undefined;
      metrics.publishedMessages.inc({ topic: OUTGOING_TOPICS.events }, message.events);
      metrics.publishedMessages.inc({ topic: OUTGOING_TOPICS.alerts }, message.alerts);
      metrics.streamsOutLag.set(message.lagMs);
      return;
    }
    const { state, reason } = message;
    away = state === 'unready' ? (reason ?? 'the broker or a store is away') : undefined;
    metrics.streamsOutLag.set(message.lagMs ?? 0);
    log(state, reason);
  });
  health.add({
    name: 'streams out',
    advisory: true,
    check: () => (away === undefined ? Promise.resolve() : Promise.reject(new Error(away))),
  });
  return thread;
}
