import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { EventStoreUnavailable, EventStoreUnusable } from '../errors.js';
import type { Position, ReadAllOptions, ReadStreamOptions, RecordedEvent } from '../port.js';
import { checkPrefixes } from '../prefixes.js';
import { failureOf, reasonOf } from './failures.js';
import { incoming, type IncomingOptions } from './incoming.js';
import type { ReadConnection } from './read-connection.js';
import { allRequest, streamRequest } from './read-requests.js';

/** Events per batch. */
const BATCH = 500;

/** Pauses before a read that broke off goes on from where it was, in milliseconds; then it is given up. */
const PAUSES_MS = [20, 100, 400];

/**
 * Reads of one connection. A read that breaks off goes on after the last event it got, a few times;
 * a reader never sees a gap or a repeat.
 */
export class Reading {
  readonly #connection: ReadConnection;
  /** A stream's events come at once, one after the other. */
  readonly #ofStream: IncomingOptions;
  /**
   * The server looks through `$all` without a word until something passes the filter, for minutes where others use it
   * as well; that it is still there shows in HTTP/2's keep-alive.
   */
  readonly #ofAll: IncomingOptions;

  /** @param closing ends reads of `$all` that are under way */
  constructor(connection: ReadConnection, timeoutMs: number, closing: AbortSignal) {
    this.#connection = connection;
    this.#ofStream = { most: BATCH, firstWithinMs: timeoutMs, nextWithinMs: timeoutMs };
    this.#ofAll = { most: BATCH, signal: closing };
  }

  async *readStream(
    stream: string,
    { direction = 'forward', from, limit = Infinity }: ReadStreamOptions = {},
  ): AsyncGenerator<readonly RecordedEvent[]> {
    let left = limit;
    let next = from;
    const request = (): ReadReq | undefined =>
      left > 0 && (next === undefined || next >= 0)
        ? streamRequest(stream, direction, next, left)
        : undefined;
    for await (const events of this.#persistently(`stream ${stream}`, request, this.#ofStream)) {
      left -= events.length;
      const last = events.at(-1);
      if (last) next = last.revision + (direction === 'forward' ? 1 : -1);
      yield events;
    }
  }

  async *readAll({
    after,
    streamPrefixes,
    limit = Infinity,
  }: ReadAllOptions): AsyncGenerator<readonly RecordedEvent[]> {
    checkPrefixes(streamPrefixes);
    let left = limit;
    let seen = after;
    // A read includes the position it starts at: ask for one more than is wanted, and drop that one.
    const request = (): ReadReq | undefined =>
      left > 0 ? allRequest(seen, streamPrefixes, seen === undefined ? left : left + 1) : undefined;
    for await (const batch of this.#persistently('$all', request, this.#ofAll)) {
      const events = batch.filter(({ position }) => seen === undefined || position > seen).slice(0, left);
      const last = events.at(-1);
      if (!last) continue;
      left -= events.length;
      seen = last.position;
      yield events;
      // The server would look for one more before it sees that the limit is reached.
      if (left === 0) return;
    }
  }

  /** Position of one event of a stream. */
  async positionOf(stream: string, revision: number): Promise<Position> {
    for await (const [event] of this.readStream(stream, { from: revision, limit: 1 })) {
      if (event?.revision === revision) return event.position;
    }
    throw new EventStoreUnavailable(
      `stream ${stream}: revision ${revision} was said to exist, but cannot be read`,
    );
  }

  /** Makes the call that `request` asks for (none: done), and again from where it broke off. */
  async *#persistently(
    what: string,
    request: () => ReadReq | undefined,
    options: IncomingOptions,
  ): AsyncGenerator<RecordedEvent[]> {
    for (let failures = 0; ;) {
      const wanted = request();
      if (!wanted) return;
      try {
        const call = await this.#connection.read(wanted);
        for await (const { messages } of incoming(call, options)) {
          const events = messages.flatMap(({ event }) => event ?? []);
          failures = 0;
          if (events.length > 0) yield events;
        }
        if (options.signal?.aborted) throw new EventStoreUnavailable('the event store is closed');
        return;
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind === 'refused') throw new Error(`${what}: ${failure.reason}`, { cause: error });
        await this.#connection.failed(error);
        const pause = error instanceof EventStoreUnusable ? undefined : PAUSES_MS[failures];
        if (pause === undefined || this.#connection.closed)
          throw new EventStoreUnavailable(`${what} cannot be read: ${reasonOf(failure)}`, { cause: error });
        failures += 1;
        if (failure.kind !== 'not-leader') await sleep(pause);
      }
    }
  }
}
