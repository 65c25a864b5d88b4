export { decodeUsage, MAX_MESSAGE_BYTES, readUsage, type UsageEnvelope } from './decode-usage.js';
export type { MalformedReason, MalformedUsage, Usage, UsageDecoding } from './usage.js';
export { usageFingerprint } from './usage-fingerprint.js';
export { plainUsage, type UsageFields } from './usage-reader.js';
export { USAGE_EVENT_TYPE, usageEventSchema } from './usage-schema.js';
