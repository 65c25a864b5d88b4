export * from './call-signal.js';
export * from './grpc-errors.js';
export * from './grpc-failure.js';
export * from './refused.js';
export * from './answer-stream.js';
export { streamToCall, type WritableCall } from './stream-to-call.js';
export * from './grpc-server.js';
export * from './request-fields.js';
export * from './grpc-client.js';
