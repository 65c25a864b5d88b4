import type { Instant } from '../../time/index.js';

/** `2026-11-22`, UTC: the caps of an auto top-up count by these. */
export function calendarDay(at: Instant): string {
  return at.slice(0, 10);
}

/** `2026-11`, UTC. */
export function calendarMonth(at: Instant): string {
  return at.slice(0, 7);
}
