import { rejection, type Rejection } from '../../rejection.js';

export function planUnknown(planId: string, version: number | undefined): Rejection {
  return rejection(
    'PLAN_UNKNOWN',
    version === undefined
      ? `plan ${planId} has no published version`
      : `plan ${planId} has no published version ${version}`,
  );
}
