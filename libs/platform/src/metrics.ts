import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { AgeGauge } from './age-gauge.js';

/** Everything `/metrics` shows. One object per process, created by the app. */
export interface Metrics {
  readonly registry: Registry;
  /** Usage events by outcome: `debited`, `uncovered`, `duplicate`, `dead_letter`, `not_credit_metered`, … */
  readonly usageEvents: Counter<'outcome'>;
  /** Refused commands by reason: a refusal appends nothing but is counted. */
  readonly refusals: Counter<'reason'>;
  readonly appends: Counter<'result'>;
  readonly appendedEvents: Counter;
  readonly commandSeconds: Histogram<'command'>;
  /** Messages waiting behind the last one with a durable outcome, by partition. */
  readonly consumerLag: Gauge<'partition'>;
  /** Since when the oldest event that the projector has not applied yet has waited. */
  readonly projectionLag: AgeGauge<'projector'>;
  readonly projectedEvents: Counter<'projector'>;
  /** Messages published to `ledger-events` and `ledger-alerts`. */
  readonly publishedMessages: Counter<'topic'>;
  /** Since when the oldest event that is not published yet has waited. */
  readonly streamsOutLag: AgeGauge<never>;
  readonly cachedAccounts: Gauge;
  readonly sweptAccounts: Counter;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    usageEvents: new Counter({
      name: 'purser_usage_events_total',
      help: 'Usage events by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    refusals: new Counter({
      name: 'purser_refusals_total',
      help: 'Refused commands by reason',
      labelNames: ['reason'],
      registers,
    }),
    appends: new Counter({
      name: 'purser_appends_total',
      help: 'Appends to the event store by result',
      labelNames: ['result'],
      registers,
    }),
    appendedEvents: new Counter({
      name: 'purser_appended_events_total',
      help: 'Events appended to the event store',
      registers,
    }),
    commandSeconds: new Histogram({
      name: 'purser_command_seconds',
      help: 'Time from the arrival of a command to its durable outcome',
      labelNames: ['command'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    consumerLag: new Gauge({
      name: 'purser_consumer_lag_messages',
      help: 'Usage messages without a durable outcome yet, by partition',
      labelNames: ['partition'],
      registers,
    }),
    projectionLag: new AgeGauge({
      name: 'purser_projection_lag_milliseconds',
      help: 'Age of the oldest event that waits to be projected; 0 when none does, or another process projects',
      labelNames: ['projector'],
      registers,
    }),
    projectedEvents: new Counter({
      name: 'purser_projected_events_total',
      help: 'Events applied to the read store',
      labelNames: ['projector'],
      registers,
    }),
    publishedMessages: new Counter({
      name: 'purser_published_messages_total',
      help: 'Messages published, by topic; those published again are counted again',
      labelNames: ['topic'],
      registers,
    }),
    streamsOutLag: new AgeGauge({
      name: 'purser_streams_out_lag_milliseconds',
      help: 'Age of the oldest event that waits to be published; 0 when none does, or another process publishes',
      registers,
    }),
    cachedAccounts: new Gauge({
      name: 'purser_cached_accounts',
      help: 'Accounts whose folded state is in memory',
      registers,
    }),
    sweptAccounts: new Counter({
      name: 'purser_swept_accounts_total',
      help: 'Accounts the scheduler woke because something was due',
      registers,
    }),
  };
}
