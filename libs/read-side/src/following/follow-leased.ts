import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreUnavailable } from '#event-store';
import { CheckpointMoved, ReadStoreUnavailable, type ReadStore } from '#read-store';
import type { Backlog } from './backlog.js';
import { HeldLease, type LeaseTerms } from './lease.js';
import type { FollowerReports } from './reports.js';

/** One stretch of following, from the lease to whatever ends it. */
export interface Stretch {
  /** Aborts when there is to be no more following: asked for, the lease lost, or `stop` called. */
  readonly signal: AbortSignal;
  /** Ends the stretch: what goes on in the background has failed. */
  readonly stop: () => void;
  /** Something was done, or there is nothing to do: it is active, and the next failure counts as the first. */
  readonly went: () => void;
}

/** Between two reports of how long something has waited. */
const BEHIND_EVERY_MS = 1_000;

/** Somebody who follows the event store under a lease, so that of several one is active. */
export interface LeasedFollower {
  readonly readStore: ReadStore;
  readonly lease: Omit<LeaseTerms, 'ttlMs'>;
  /** How long one that died keeps the others waiting. Default 10 s. */
  readonly leaseTtlMs?: number | undefined;
  /** Pause before the nth try (from 1) after something was away. Default: doubling from 50 ms to 2 s. */
  readonly backoffMs?: ((attempt: number) => number) | undefined;
  /** Between two reports of being behind. Default 1 s. */
  readonly behindEveryMs?: number | undefined;
  /** What `follow` has in hand. */
  readonly backlog: Backlog;
  /** Follows until the stretch's signal aborts. */
  follow(stretch: Stretch): Promise<void>;
  /** Since when the oldest event has waited that whoever has the lease is not done with; undefined: none does. */
  othersBehind?(): Promise<number | undefined>;
  /** What is in memory may not be what is in the stores any more. */
  forget?(): void;
  readonly reports: Omit<FollowerReports<never>, 'progress'>;
  /** Whether an error says that something else than a store is away. */
  isAway?(error: unknown): boolean;
}

/**
 * Follows, stretch after stretch, until the signal aborts. What is away is waited for.
 * @throws Error whatever else `follow` throws: a defect
 */
export async function followLeased(signal: AbortSignal, follower: LeasedFollower): Promise<void> {
  const { backlog, reports, behindEveryMs = BEHIND_EVERY_MS } = follower;
  const telling = setInterval(() => {
    if (backlog.sinceMs !== undefined) reports.behind(backlog.sinceMs);
  }, behindEveryMs);
  telling.unref();
  try {
    await followOn(signal, follower);
  } finally {
    clearInterval(telling);
  }
}

async function followOn(signal: AbortSignal, follower: LeasedFollower): Promise<void> {
  const { backoffMs = (attempt: number) => Math.min(2_000, 25 * 2 ** attempt) } = follower;
  for (let failures = 0; !signal.aborted;) {
    try {
      await oneStretch(signal, follower, () => (failures = 0));
    } catch (error) {
      if (error instanceof CheckpointMoved) follower.reports.superseded(error);
      else if (isAway(error, follower)) follower.reports.unready(error);
      else throw error;
      failures += 1;
      await pause(backoffMs(failures), signal);
    }
  }
}

/** Waits for the lease, then follows until something ends it. */
async function oneStretch(signal: AbortSignal, follower: LeasedFollower, well: () => void): Promise<void> {
  const { readStore, backlog, reports, leaseTtlMs: ttlMs = 10_000 } = follower;
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const stop = (): void => ended.abort();
  const lease = await HeldLease.take(readStore, { ...follower.lease, ttlMs }, stop);
  if (!lease) {
    backlog.clear();
    reports.standby(await follower.othersBehind?.());
    await pause(ttlMs / 3, signal);
    return;
  }
  let active = false;
  const went = (): void => {
    well();
    // The lease alone shows nothing: whoever cannot do its work has it again at every try.
    if (!active) reports.active();
    active = true;
  };
  try {
    await follower.follow({ signal: both, stop, went });
    if (!hasAborted(both)) throw new EventStoreUnavailable('the subscription ended by itself');
  } finally {
    backlog.giveUp();
    // Without the lease others write, and a write of ours that failed may have been done.
    follower.forget?.();
    await lease.release();
  }
}

function isAway(error: unknown, follower: LeasedFollower): error is Error {
  return (
    error instanceof ReadStoreUnavailable ||
    error instanceof EventStoreUnavailable ||
    follower.isAway?.(error) === true
  );
}

/** Resolves after so long, or as soon as the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** A call, because the compiler takes the property for unchanged since it was looked at. */
function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
