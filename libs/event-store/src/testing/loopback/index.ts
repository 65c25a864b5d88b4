export { startLoopback, type Loopback, type LoopbackOptions } from './server.js';
export { Log, type LogRecord } from './log.js';
export type { AppendFault, ReadFault } from './faults.js';
export { SERVER_VERSIONS, type ServerVersion } from './dialects.js';
