import type { Instant } from '../../time/index.js';
import type { Grant } from '../events.js';

/**
 * The grant with an earlier end. It does not roll over any more, and it keeps its place in the burn-down order:
 * usage from before the end was decided burned by the end that was planned then.
 */
export function endedEarly(grant: Grant, expiresAt: Instant): Grant {
  const plannedExpiresAt = grant.plannedExpiresAt === undefined ? grant.expiresAt : grant.plannedExpiresAt;
  return { ...grant, expiresAt, plannedExpiresAt, rollover: null };
}
