export * from './port.js';
export * from './errors.js';
export { APPEND_LIMIT_BYTES, appendBytes, eventBytes } from './append-size.js';
export { pastDamage } from './past-damage.js';
export { splitBySize, UNIT_LIMIT_BYTES } from './split.js';
export { withAmbiguityRetry, type AmbiguityRetryOptions } from './retrying.js';
