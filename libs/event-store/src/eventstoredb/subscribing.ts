import { setTimeout as sleep } from 'node:timers/promises';
import { BEFORE_ALL, type SubscribeOptions, type SubscriptionBatch } from '../port.js';
import { checkPrefixes } from '../prefixes.js';
import { failureOf } from './failures.js';
import { incoming } from './incoming.js';
import { Progress } from './progress.js';
import type { ReadConnection } from './read-connection.js';
import { subscriptionRequest } from './read-requests.js';

/** Pauses before the next attempt double from the first to the last of these, in milliseconds. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 2000;

/**
 * Follows `$all` for ever. The server's subscription ends with its connection; this one begins a new one after
 * what it last yielded.
 */
export async function* subscribe(
  connection: ReadConnection,
  { after, streamPrefixes, signal, maxBatch = 1000 }: SubscribeOptions,
  confirmWithinMs: number,
): AsyncGenerator<SubscriptionBatch> {
  checkPrefixes(streamPrefixes);
  const progress = new Progress(after);
  let told = progress.position;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted && !connection.closed) {
    let live = false;
    let toldLive = false;
    progress.begin();
    try {
      const call = await connection.read(subscriptionRequest(progress.position, streamPrefixes));
      const options = { most: maxBatch, firstWithinMs: confirmWithinMs, signal };
      for await (const { messages, more } of incoming(call, options)) {
        pauseMs = FIRST_PAUSE_MS;
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
      if (failure.kind === 'refused') {
        throw new Error(`subscription to ${streamPrefixes.join(', ')}: ${failure.reason}`, { cause: error });
      }
      await connection.failed(error);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}
