import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { singleOutcome, type AppendOutcome } from './append-outcome.js';
import { singleRequests, type AppendRequest } from './append-requests.js';
import { BatchCall } from './batch-call.js';
import { Connection } from './connection.js';
import { failureOf } from './failures.js';

/**
 * A connection that carries appends: on one BatchAppend call where the server offers it, else a call per append.
 * A lane on which an append got no answer in time is left for a new one, for this one may hang for good; it ends
 * itself when the others on it have been answered or given up.
 */
export class AppendLane {
  readonly #connection: Connection;
  #batch: Promise<BatchCall> | undefined;
  #underWay = 0;
  #left = false;

  constructor(url: string) {
    this.#connection = new Connection(url);
  }

  /** One attempt. Never throws and always ends, after `timeoutMs` at the latest. */
  async append(request: AppendRequest, timeoutMs: number): Promise<AppendOutcome> {
    this.#underWay += 1;
    let sent = false;
    const onSent = (): void => {
      sent = true;
    };
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<AppendOutcome>((resolve) => {
      timer = setTimeout(() => {
        const reason = `no answer within ${timeoutMs} ms`;
        // An append that waited for the connection in vain was never on its way.
        resolve({ kind: sent ? 'unknown' : 'unavailable', reason });
        this.leave();
      }, timeoutMs);
    });
    const attempt = this.#attempt(request, onSent).catch((error: unknown): AppendOutcome => {
      const failure = failureOf(error);
      if (sent) return failure;
      // The client would remember that it could not find out what the server supports, and never ask again.
      this.leave();
      return failure.kind === 'unknown' ? { kind: 'unavailable', reason: failure.reason } : failure;
    });
    try {
      return await Promise.race([attempt, timeout]);
    } finally {
      clearTimeout(timer);
      this.#underWay -= 1;
      this.#endWhenIdle();
    }
  }

  get left(): boolean {
    return this.#left;
  }

  /** Takes no more appends; ends when the last one under way has. */
  leave(): void {
    this.#left = true;
    this.#endWhenIdle();
  }

  async #attempt(request: AppendRequest, onSent: () => void): Promise<AppendOutcome> {
    if (await this.#connection.supportsBatchAppend()) {
      const batch = await (this.#batch ??= this.#openBatch());
      onSent();
      return batch.append(request);
    }
    const streams = await this.#connection.streams();
    onSent();
    try {
      return await this.#single(streams, request);
    } catch (error) {
      await this.#connection.failed(streams, error);
      throw error;
    }
  }

  async #openBatch(): Promise<BatchCall> {
    const over = async (streams: StreamsClient, error: Error | undefined): Promise<void> => {
      this.#batch = undefined;
      await this.#connection.failed(streams, error);
    };
    try {
      const streams = await this.#connection.streams();
      const { path, responseDeserialize } = streamsGrpc.StreamsService.batchAppend;
      // The call of the stub, but for the writer of its messages.
      const call = streams.makeBidiStreamRequest(
        path,
        (request: Buffer) => request,
        responseDeserialize,
        ...this.#connection.callArguments(),
      );
      return new BatchCall(call, (error) => over(streams, error));
    } catch (error) {
      this.#batch = undefined;
      throw error;
    }
  }

  #single(streams: StreamsClient, request: AppendRequest): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      const call = streams.append(...this.#connection.callArguments(), (error, answer) => {
        if (error) reject(error);
        else resolve(singleOutcome(answer));
      });
      // The callback tells the same; without a listener Node would end the process.
      call.on('error', reject);
      for (const message of singleRequests(request)) call.write(message);
      call.end();
    });
  }

  #endWhenIdle(): void {
    if (!this.#left || this.#underWay > 0) return;
    this.#batch?.then(
      (batch) => batch.cancel(),
      () => undefined,
    );
    void this.#connection.close();
  }
}
