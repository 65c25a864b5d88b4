import type { CallOptions, Channel, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import { EventStoreDBClient } from '@eventstore/db-client';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { EventStoreUnusable } from '../errors.js';
import { checkedConnectionString } from './connection-string.js';
import { checkServerVersion } from './server-version.js';

/**
 * What the client keeps to itself (`protected` or `private` in its types) and this adapter calls. The client's own
 * append and read cannot be used: see docs/adr/0003-event-store-adapters.md. Its version is pinned, and the
 * contract suite would fail at once if one of these went away.
 */
interface Inside {
  getGRPCClient(type: typeof StreamsClient, name: string): Promise<StreamsClient>;
  getChannel(): Promise<Channel>;
  callArguments(options: { requiresLeader: boolean }, callOptions: CallOptions): [Metadata, CallOptions];
  supports(method: { readonly path: string }): Promise<boolean>;
  /** Asked once per channel. */
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
  handleError(client: GrpcClient, error: Error): Promise<void>;
}

/**
 * One client of EventStoreDB, used for what it does well: connection strings, TLS, credentials, discovery in a
 * cluster, keep-alive, and moving to the leader.
 */
export class Connection {
  readonly #client: Inside;
  #used = false;
  /** The version that was found to do. */
  #version: string | undefined;

  /** @throws EventStoreUnusable when the connection string is malformed; nothing is connected yet */
  constructor(url: string) {
    this.#client = clientOf(checkedConnectionString(url));
  }

  /**
   * The stub to make calls with; finds a node first when that is needed. Never comes when the server does not say what
   * it is, and when it said so with an error, never will: set a time-out, and make a new connection then.
   *
   * @throws EventStoreUnusable when the server is too old
   */
  async streams(): Promise<StreamsClient> {
    this.#used = true;
    const { serverVersion } = await this.#client.capabilities;
    if (serverVersion !== this.#version) checkServerVersion(serverVersion);
    this.#version = serverVersion;
    return this.#client.getGRPCClient(streamsGrpc.StreamsClient, 'streams');
  }

  /** Metadata and options of every call: the leader answers, nobody's stale copy; time-outs are the caller's. */
  callArguments(): [Metadata, CallOptions] {
    return this.#client.callArguments({ requiresLeader: true }, { deadline: Infinity });
  }

  /** Asks the server, once per connection. Never answers when the server does not: set a time-out. */
  supportsBatchAppend(): Promise<boolean> {
    this.#used = true;
    return this.#client.supports(streamsGrpc.StreamsService.batchAppend);
  }

  /** Tells that a call failed: the next one connects anew where that helps, to the leader if the server named it. */
  async failed(streams: StreamsClient, error: unknown): Promise<void> {
    if (!(error instanceof Error)) return;
    try {
      await this.#client.handleError(streams, error);
    } catch {
      // The client falls over errors whose trailers it does not know; those ask for no other connection.
    }
  }

  /** Lets go of the connection; calls that are under way are for their owners to cancel. */
  async close(): Promise<void> {
    // Asking for the channel would look for a node first.
    if (!this.#used) return;
    try {
      const channel = await this.#client.getChannel();
      channel.close();
    } catch {
      // There was no node to connect to, so there is nothing to close.
    }
  }
}

function clientOf(url: string): Inside {
  try {
    return EventStoreDBClient.connectionString(url) as unknown as Inside;
  } catch (error) {
    // The client's error has the connection string in it, and so the password: neither it nor its message goes on.
    const { expected, message } = error as Error & { readonly expected?: string };
    const problem = expected === undefined ? message : `cannot be read: expected ${expected}`;
    throw new EventStoreUnusable(`the connection string of EventStoreDB: ${problem}`);
  }
}
