import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreUnavailable, EventStoreUnusable } from '../errors.js';
import { BEFORE_ALL, type SubscribeOptions, type SubscriptionBatch } from '../port.js';
import { checkPrefixes } from '../prefixes.js';
import { failureOf, reasonOf } from './failures.js';
import { incoming } from './incoming.js';
import { Progress } from './progress.js';
import type { ReadConnection } from './read-connection.js';
import { subscriptionRequest } from './read-requests.js';

/** Pauses before the next attempt double from the first to the last of these, in milliseconds. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 2000;

/** So many attempts in a row that brought nothing, some five seconds of them, are something to be told. */
const MOST_ATTEMPTS = 8;

/**
 * Follows `$all` for ever. The server's subscription ends with its connection; this one begins a new one after
 * what it last yielded.
 *
 * @throws EventStoreUnavailable when access to `$all` is denied, or when there has been no answer for a while: nobody
 *   would notice a subscription that is silent
 */
export async function* subscribe(
  connection: ReadConnection,
  { after, streamPrefixes, signal, maxBatch = 1000 }: SubscribeOptions,
  confirmWithinMs: number,
): AsyncGenerator<SubscriptionBatch> {
  checkPrefixes(streamPrefixes);
  const progress = new Progress(after);
  let told = progress.position;
  const named = `subscription to ${streamPrefixes.join(', ')}`;
  let pauseMs = FIRST_PAUSE_MS;
  let attempts = 0;
  while (!signal.aborted && !connection.closed) {
    let live = false;
    let toldLive = false;
    progress.begin();
    try {
      const call = await connection.read(subscriptionRequest(progress.position, streamPrefixes));
      const options = { most: maxBatch, firstWithinMs: confirmWithinMs, signal };
      for await (const { messages, more } of incoming(call, options)) {
        pauseMs = FIRST_PAUSE_MS;
        attempts = 0;
        const events = progress.take(messages);
        live ||= messages.some(({ caughtUp }) => caughtUp);
        // Caught up once, a subscription only delivers what is new: with everything taken, the reader is live.
        const caughtUp = live && !more;
        if (events.length === 0 && progress.position === told && (!caughtUp || toldLive)) continue;
        told = progress.position;
        toldLive ||= caughtUp;
        yield { events, checkpoint: told ?? BEFORE_ALL, caughtUp };
      }
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'refused') throw new Error(`${named}: ${failure.reason}`, { cause: error });
      await connection.failed(error);
      attempts += 1;
      const hopeless = failure.kind === 'denied' || error instanceof EventStoreUnusable;
      if (hopeless || attempts === MOST_ATTEMPTS)
        throw new EventStoreUnavailable(`${named}: ${reasonOf(failure)}`, { cause: error });
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}
