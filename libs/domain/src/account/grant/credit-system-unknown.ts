import { rejection, type Rejection } from '../../rejection.js';

export function creditSystemUnknown(key: string): Rejection {
  return rejection('CREDIT_SYSTEM_UNKNOWN', `no credit system has the key ${key}`);
}
