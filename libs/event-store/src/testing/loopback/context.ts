import type { ServerVersion } from './dialects.js';
import type { Faults } from './faults.js';
import type { Log } from './log.js';

/** Where clients are sent that need the leader. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a test can see of what the server did. */
export interface Seen {
  appends: number;
  batchAppendCalls: number;
  appendCalls: number;
  readCalls: number;
  /** Messages handed to the transport for reads and subscriptions. */
  readMessages: number;
  /** Reads and appends that did not ask for the leader. */
  withoutLeader: number;
  /** Values of the authorization header. */
  readonly authorizations: Set<string>;
}

/** What the handlers of one server share. */
export interface ServerContext {
  readonly log: Log;
  readonly faults: Faults;
  readonly seen: Seen;
  readonly maxAppendBytes: number;
  readonly version: ServerVersion;
  /** The leader, when this server is a follower; a server that is the leader names itself. */
  readonly leader: () => Endpoint;
  readonly isFollower: boolean;
}
