/** How a follower (the projector, the streams out) tells how it stands; it runs in a worker too, so it knows no logger. */
export interface FollowerReports<Progress> {
  progress(progress: Progress): void;
  /** It has the lease, and has done something or found nothing to do. */
  active(): void;
  /**
   * Another process has the lease; this one waits to take over. Told again and again, with when the oldest event was
   * stored that the other one is not done with, where that is looked for.
   */
  standby(behindSinceMs?: number): void;
  /** A store or the broker is away; tried again with backoff. */
  unready(error: Error): void;
  /** Another follower moved the checkpoint: begun again from there. */
  superseded(error: Error): void;
  /** Every second while an event waits: when the oldest of them was stored. */
  behind(sinceMs: number): void;
}

const nothing = (): void => undefined;

/** For who wants to hear of some of it, or of nothing. */
export const SILENT: FollowerReports<unknown> = {
  progress: nothing,
  active: nothing,
  standby: nothing,
  unready: nothing,
  superseded: nothing,
  behind: nothing,
};
