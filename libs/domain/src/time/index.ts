export {
  earlier,
  instant,
  instantFromMs,
  InvalidInstant,
  isInstant,
  later,
  plusMs,
  toMs,
  type Instant,
} from './instant.js';
export {
  exactDurationMs,
  InvalidDuration,
  isDuration,
  isPositiveDuration,
  parseDuration,
  type Duration,
} from './duration.js';
export {
  addDuration,
  isResetInterval,
  period,
  periodIndexAt,
  type IntervalUnit,
  type Period,
  type ResetInterval,
} from './calendar.js';
export { isTimeZone } from './time-zone.js';
