import { instantFromMs, toMs, type Instant } from '#domain';
import type { Timestamp } from './generated/google/protobuf/timestamp.js';

const NANOS_PER_MS = 1_000_000;

/** A `google.protobuf.Timestamp` as proto-loader wants it. */
export function toTimestamp(at: Instant): Timestamp {
  return timestampOfMs(toMs(at));
}

export function toTimestampOrNull(at: Instant | null): Timestamp | null {
  return at === null ? null : toTimestamp(at);
}

/** The same of milliseconds since 1970, whole ones. */
export function timestampOfMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: (ms - seconds * 1000) * NANOS_PER_MS };
}

/**
 * What is finer than a millisecond is cut off.
 * @throws InvalidInstant for nanos outside 0 to 999,999,999, and outside the years 0001 to 9999
 */
export function fromTimestamp({ seconds, nanos }: Timestamp): Instant {
  const valid = Number.isSafeInteger(seconds) && Number.isInteger(nanos) && nanos >= 0 && nanos < 1e9;
  return instantFromMs(valid ? seconds * 1000 + Math.floor(nanos / NANOS_PER_MS) : NaN);
}
