import { instantFromMs, type Instant } from '#domain';

/** What time it is: handed in everywhere, so that tests and replays choose it. */
export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = { now: () => instantFromMs(Date.now()) };
