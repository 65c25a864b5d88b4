import type { Position } from '#event-store';

/** What a batch brought the streams to. */
export interface StreamsOutProgress {
  /** Ledger events of this batch. */
  readonly events: number;
  /** Alerts of this batch. */
  readonly alerts: number;
  readonly checkpoint: Position;
  /** How long the batch's last event has stood in the event store, in milliseconds; 0 when caught up. */
  readonly lagMs: number;
}

/** How the publisher tells what it does; it runs in a worker, so it knows no logger. */
export interface StreamsOutReports {
  progress(progress: StreamsOutProgress): void;
  /** It has the lease and follows the event store. */
  active(): void;
  /** Another process publishes; this one waits to take over. */
  standby(): void;
  /** A store or the broker is away; tried again with backoff. `lagMs`: age of the oldest event that waits. */
  unready(error: Error, lagMs: number): void;
  /** Another publisher moved the checkpoint: begun again from there. */
  superseded(error: Error): void;
}

export const SILENT_STREAMS_OUT: StreamsOutReports = {
  progress: () => undefined,
  active: () => undefined,
  standby: () => undefined,
  unready: () => undefined,
  superseded: () => undefined,
};
