import { rejectionForFaults, type Fault, type Rejection } from '#domain';

/** Where a credit system's field stands in the request, where that is not its own name. */
const CREDIT_SYSTEM_FIELDS: Readonly<Record<string, string>> = {
  'unitLabels.singular': 'unit_singular',
  'unitLabels.plural': 'unit_plural',
  lateUsageGrace: 'late_usage_grace_ms',
};

/** The domain's path of a plan (`credits[0].priced.topUp`) as the request's: `terms.credits[0].priced.top_up`. */
export function planPath(path: string): string {
  const field = snakeCase(path);
  return path === 'planId' ? field : `terms.${field}`;
}

export function creditSystemPath(path: string): string {
  return CREDIT_SYSTEM_FIELDS[path] ?? snakeCase(path);
}

/** The same refusal with the paths that its sender knows, which are those of the request. */
export function withPaths(rejection: Rejection, what: string, pathOf: (path: string) => string): Rejection {
  return rejection.faults
    ? rejectionForFaults(rejection.reason, what, atPaths(rejection.faults, pathOf))
    : rejection;
}

export function atPaths(faults: readonly Fault[], pathOf: (path: string) => string): readonly Fault[] {
  return faults.map(({ path, message }) => ({ path: pathOf(path), message }));
}

/** The domain's path of a command (`timesOutAt`) as the request's. */
export function commandPath(path: string): string {
  return snakeCase(path);
}

function snakeCase(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
