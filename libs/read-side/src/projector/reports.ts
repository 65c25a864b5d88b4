import type { Position } from '#event-store';

/** What a batch brought the read store to. */
export interface ProjectorProgress {
  /** Events of this batch. */
  readonly events: number;
  readonly checkpoint: Position;
  /** When the oldest event that still waits was stored, in milliseconds since the epoch; undefined: none does. */
  readonly behindSinceMs: number | undefined;
  /** True when the event store had nothing more to deliver. */
  readonly caughtUp: boolean;
}

/** How a projector tells what it does; it runs in a worker or beside everything else, so it knows no logger. */
export interface ProjectorReports {
  progress(progress: ProjectorProgress): void;
  /** It has the lease, and has projected something or found nothing to project. */
  active(): void;
  /** Another projector has the lease; this one waits for it. */
  standby(): void;
  /** A store is away; tried again with backoff. */
  unready(error: Error): void;
  /** Another projector moved the checkpoint: begun again from there. */
  superseded(error: Error): void;
  /** Every second while an event waits: when the oldest of them was stored. */
  behind(sinceMs: number): void;
}

export const SILENT: ProjectorReports = {
  progress: () => undefined,
  active: () => undefined,
  standby: () => undefined,
  unready: () => undefined,
  superseded: () => undefined,
  behind: () => undefined,
};
