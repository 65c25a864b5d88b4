export * from './clock.js';
export * from './grpc/index.js';
export * from './health.js';
export * from './logging.js';
export * from './metrics.js';
export * from './platform.module.js';
export * from './settings.js';
export * from './tokens.js';
