import { status, type ClientReadableStream } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { EventStoreUnavailable } from '../errors.js';
import { Connection } from './connection.js';
import { Silence } from './incoming.js';
import { readMessage, type ReadMessage } from './read-message.js';

/** After these the client begins afresh by itself, and knows which node to avoid. */
const RECOVERS_FROM: ReadonlySet<unknown> = new Set([status.UNAVAILABLE, status.CANCELLED]);

/** The connection that reads and subscriptions share; appends have their own, so that neither holds up the other. */
export class ReadConnection {
  readonly #url: string;
  readonly #connectWithinMs: number;
  #connection: Connection;
  #streams: StreamsClient | undefined;
  #closed = false;

  constructor(url: string, connectWithinMs: number) {
    this.#url = url;
    this.#connectWithinMs = connectWithinMs;
    this.#connection = new Connection(url);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Starts a read; what goes wrong later comes as the call's error. */
  async read(request: ReadReq): Promise<ClientReadableStream<ReadMessage>> {
    if (this.#closed) throw new EventStoreUnavailable('the event store is closed');
    const connection = this.#connection;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      const ms = this.#connectWithinMs;
      timer = setTimeout(() => reject(new Silence(ms)), ms);
    });
    try {
      const streams = await this.#stubOf(connection, silence);
      this.#streams = streams;
      const { path, requestSerialize } = streamsGrpc.StreamsService.read;
      // The call of the stub, but for the reader of its messages.
      return streams.makeServerStreamRequest(
        path,
        requestSerialize,
        readMessage,
        request,
        ...connection.callArguments(),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async #stubOf(connection: Connection, silence: Promise<never>): Promise<StreamsClient> {
    try {
      return await Promise.race([connection.streams(), silence]);
    } catch (error) {
      // It would remember this for good.
      const recovers = error instanceof Error && 'code' in error && RECOVERS_FROM.has(error.code);
      if (!recovers && connection === this.#connection) this.#renew();
      throw error;
    }
  }

  #renew(): void {
    void this.#connection.close();
    this.#connection = new Connection(this.#url);
  }

  /** Tells of a failed read, so that the next one finds the leader or connects anew. */
  async failed(error: unknown): Promise<void> {
    if (error instanceof Silence) {
      // Whatever hangs, it hangs in the old one.
      this.#renew();
    } else if (this.#streams) {
      await this.#connection.failed(this.#streams, error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection.close();
  }
}
