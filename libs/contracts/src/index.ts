export * from './usage/index.js';
export * from './events/index.js';
export * from './alerts/index.js';
export * from './customer-id.js';
export { isPlain, MAX_ID_LENGTH } from './text.js';
export { fingerprintOf, type JsonValue } from './fingerprint.js';
export * from './grpc/index.js';
export * from './plan-file/index.js';
export * from './checkpoint/index.js';
