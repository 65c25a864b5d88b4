import { EventStoreUnusable } from '../errors.js';

/** Servers before 23.10 never say that a subscription has caught up: a reader would wait to become live for ever. */
const LEAST = { major: 23, minor: 10 };

/**
 * @param version as the server tells it; one that has no version number (a build of somebody's own, a proxy) is taken as
 *   new enough
 * @throws EventStoreUnusable when the server is too old
 */
export function checkServerVersion(version: string): void {
  const [major = 0, minor = 0] = /^(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  if (major === 0) return;
  if (major > LEAST.major || (major === LEAST.major && minor >= LEAST.minor)) return;
  throw new EventStoreUnusable(
    `the server is EventStoreDB ${version}, and ${LEAST.major}.${LEAST.minor} or later is needed`,
  );
}
