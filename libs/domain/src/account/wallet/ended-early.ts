import type { Instant } from '../../time/index.js';
import type { Grant } from '../events.js';

/** The grant with an earlier end, decided at `decidedAt`. It does not roll over any more. */
export function endedEarly(grant: Grant, expiresAt: Instant, decidedAt: Instant): Grant {
  const planned = { until: decidedAt, expiresAt: grant.expiresAt };
  return { ...grant, expiresAt, plannedEnds: [...(grant.plannedEnds ?? []), planned], rollover: null };
}

/** Whether the grant's end was decided after `at`. */
export function endedEarlyAfter({ plannedEnds }: Grant, at: Instant): boolean {
  return plannedEnds?.some(({ until }) => at < until) ?? false;
}

/** When the grant was to end, as far as it was known at `at`. */
export function endPlannedAt(grant: Grant, at: Instant): Instant | null {
  return (grant.plannedEnds?.find(({ until }) => at < until) ?? grant).expiresAt;
}
