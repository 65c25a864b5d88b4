import { Server, ServerCredentials } from '@grpc/grpc-js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { APPEND_LIMIT_BYTES } from '../../append-size.js';
import { handleAppend } from './append-call.js';
import { handleBatchAppend } from './batch-append-call.js';
import type { Endpoint, Seen, ServerContext } from './context.js';
import type { ServerVersion } from './dialects.js';
import { Faults } from './faults.js';
import { Log } from './log.js';
import { handleRead } from './read-call.js';
import { badRequest } from './rpc-errors.js';

export interface LoopbackOptions {
  /** The server whose ways it has. Default 25.1.4. */
  readonly version?: ServerVersion;
  /** What it says that it is. Default: the version. */
  readonly calledVersion?: string;
  /** The log to serve; servers that share one make a cluster. Default: a new one. */
  readonly log?: Log;
  /** Offers `BatchAppend`, as servers from 21.10 on do; else clients use `Append`. Default true. */
  readonly batchAppend?: boolean;
  /** Makes this server a follower of that leader. */
  readonly leader?: Endpoint;
  /** Size limit of an append in bytes. Default 1 MiB, like the real one. */
  readonly maxAppendBytes?: number;
  /** Port to listen on, to come back after a stop. Default: any free one. */
  readonly port?: number;
}

export interface Loopback {
  /** Connection string for clients. */
  readonly url: string;
  readonly endpoint: Endpoint;
  readonly log: Log;
  readonly faults: Faults;
  readonly seen: Seen;
  /** Breaks every open connection; new ones are accepted at once. */
  disconnect(): Promise<void>;
  /** Stops listening and breaks every connection. */
  stop(): Promise<void>;
}

/**
 * An EventStoreDB in memory, on 127.0.0.1: the service definitions that the client was generated from, the
 * server's own encodings of answers and errors, and faults on demand. No security, no projections, no
 * persistent subscriptions, nothing on disk.
 */
export async function startLoopback(options: LoopbackOptions = {}): Promise<Loopback> {
  const { version = '25.1.4', log = new Log(), batchAppend = true } = options;
  const { maxAppendBytes = APPEND_LIMIT_BYTES } = options;
  const faults = new Faults();
  const seen: Seen = {
    appends: 0,
    batchAppendCalls: 0,
    appendCalls: 0,
    readCalls: 0,
    readMessages: 0,
    withoutLeader: 0,
    authorizations: new Set(),
  };
  const server = new Server({
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    // As Kestrel has it: what is more waits in the client.
    'grpc.max_concurrent_streams': 100,
  });
  let port = 0;
  const self = (): Endpoint => ({ host: '127.0.0.1', port });
  const isFollower = options.leader !== undefined;
  const leader = (): Endpoint => options.leader ?? self();
  const context: ServerContext = { log, faults, seen, maxAppendBytes, version, isFollower, leader };

  server.addService(featuresGrpc.ServerFeaturesService, {
    getSupportedMethods: (
      _call: unknown,
      answer: (error: null, methods: featuresPb.SupportedMethods) => void,
    ) => {
      if (!faults.silentFeatures)
        answer(null, supportedMethods(batchAppend, options.calledVersion ?? version));
    },
  });
  const unsupported = (_call: unknown, answer: (error: Error) => void): void => answer(badRequest());
  const { StreamsService } = streamsGrpc;
  const read = { ...StreamsService.read, responseSerialize: (bytes: Buffer) => bytes };
  server.addService(
    { ...StreamsService, read },
    {
      read: handleRead(context),
      append: handleAppend(context),
      batchAppend: handleBatchAppend(context),
      delete: unsupported,
      tombstone: unsupported,
    },
  );
  port = await new Promise<number>((resolve, reject) => {
    const address = `127.0.0.1:${options.port ?? 0}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });

  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    endpoint: self(),
    log,
    faults,
    seen,
    disconnect: async () => {
      server.drain(`127.0.0.1:${port}`, 0);
      // Zero grace still takes a turn of the timers.
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    stop: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

function supportedMethods(batchAppend: boolean, version: string): featuresPb.SupportedMethods {
  const methods = ['read', 'append', 'delete', 'tombstone', ...(batchAppend ? ['batchappend'] : [])];
  const supported = new featuresPb.SupportedMethods().setEventStoreServerVersion(version);
  for (const name of methods) {
    const method = new featuresPb.SupportedMethod();
    supported.addMethods(method.setServiceName('event_store.client.streams.streams').setMethodName(name));
  }
  return supported;
}
