import type { Position } from '#event-store';

/** What a batch brought the streams to. */
export interface StreamsOutProgress {
  /** Ledger events of this batch. */
  readonly events: number;
  /** Alerts of this batch. */
  readonly alerts: number;
  readonly checkpoint: Position;
  /** When the oldest event that still waits was stored, in milliseconds since the epoch; undefined: none does. */
  readonly behindSinceMs: number | undefined;
}

/** How the publisher tells what it does; it runs in a worker, so it knows no logger. */
export interface StreamsOutReports {
  progress(progress: StreamsOutProgress): void;
  /** It has the lease, and has published something or found nothing to publish. */
  active(): void;
  /** Another process publishes; this one waits to take over. */
  standby(): void;
  /** A store or the broker is away; tried again with backoff. */
  unready(error: Error): void;
  /** Another publisher moved the checkpoint: begun again from there. */
  superseded(error: Error): void;
  /** Every second while an event waits: when the oldest of them was stored. */
  behind(sinceMs: number): void;
}

export const SILENT_STREAMS_OUT: StreamsOutReports = {
  progress: () => undefined,
  active: () => undefined,
  standby: () => undefined,
  unready: () => undefined,
  superseded: () => undefined,
  behind: () => undefined,
};
