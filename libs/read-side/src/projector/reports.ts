import type { Position } from '#event-store';

/** What a batch brought the read store to. */
export interface ProjectorProgress {
  /** Events of this batch. */
  readonly events: number;
  readonly checkpoint: Position;
  /** How long the batch's last event has stood in the event store, in milliseconds; 0 when caught up. */
  readonly lagMs: number;
  /** True when the event store had nothing more to deliver. */
  readonly caughtUp: boolean;
}

/** How a projector tells what it does; it runs in a worker or beside everything else, so it knows no logger. */
export interface ProjectorReports {
  progress(progress: ProjectorProgress): void;
  /** It has the lease and follows the event store. */
  active(): void;
  /** Another projector has the lease; this one waits for it. */
  standby(): void;
  /** A store is away; tried again with backoff. */
  unready(error: Error): void;
  /** Another projector moved the checkpoint: begun again from there. */
  superseded(error: Error): void;
}

export const SILENT: ProjectorReports = {
  progress: () => undefined,
  active: () => undefined,
  standby: () => undefined,
  unready: () => undefined,
  superseded: () => undefined,
};
