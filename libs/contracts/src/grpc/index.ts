export * as rpc from './messages.js';
export { loaderOptions } from './loader-options.js';
export { MalformedMessage } from './malformed-message.js';
export { compileMessageCheck } from './message-check.js';
export { messageReader } from './message-reader.js';
export { messageType, requestType, responseType } from './message-types.js';
export { compileMessageWriter, type MessageWriter } from './message-writer.js';
export { descriptorFiles } from './descriptor-files.js';
export { dispositionMessage, drawMessages, priceMessage, sourceMessage } from './domain-messages.js';
export { protoDirectory, protoFiles, SERVICES } from './proto-files.js';
export { SentUsages } from './sent-usages.js';
export {
  decodeStatusDetails,
  encodeStatusDetails,
  ERROR_DOMAIN,
  STATUS_DETAILS_TRAILER,
  type StatusDetails,
} from './status-details.js';
export { fromTimestamp, timestampOfMs, toTimestamp, toTimestampOrNull } from './timestamp.js';
