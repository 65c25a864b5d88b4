import { setTimeout as sleep } from 'node:timers/promises';
import type { Position, RecordedEvent, SubscribeOptions, SubscriptionBatch } from '../port.js';
import { checkPrefixes } from '../prefixes.js';
import { failureOf } from './failures.js';
import { incoming } from './incoming.js';
import type { ReadConnection } from './read-connection.js';
import type { ReadMessage } from './read-message.js';
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
  let checkpoint = after;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted && !connection.closed) {
    let live = false;
    let toldLive = false;
    try {
      const call = await connection.read(subscriptionRequest(checkpoint, streamPrefixes));
      const options = { most: maxBatch, firstWithinMs: confirmWithinMs, signal };
      for await (const { messages, more } of incoming(call, options)) {
        pauseMs = FIRST_PAUSE_MS;
        const news = newsIn(messages, checkpoint);
        live ||= news.caughtUp;
        const caughtUp = live && !more;
        const tell = news.events.length > 0 || news.checkpoint !== checkpoint || (caughtUp && !toldLive);
        checkpoint = news.checkpoint;
        toldLive ||= caughtUp;
        // Caught up once, a subscription only delivers what is new: with everything taken, the reader is live.
        if (tell) yield { events: news.events, checkpoint: checkpoint ?? 0n, caughtUp };
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

interface News {
  readonly events: readonly RecordedEvent[];
  readonly checkpoint: Position | undefined;
  readonly caughtUp: boolean;
}

/** What a batch of messages says: events, how far the server has looked, and whether it had nothing more. */
function newsIn(messages: readonly ReadMessage[], from: Position | undefined): News {
  const events: RecordedEvent[] = [];
  let checkpoint = from;
  let caughtUp = false;
  const reach = (position: Position): boolean => {
    if (checkpoint !== undefined && position <= checkpoint) return false;
    checkpoint = position;
    return true;
  };
  for (const message of messages) {
    if (message.event && reach(message.event.position)) events.push(message.event);
    if (message.checkpoint !== undefined) reach(message.checkpoint);
    if (message.caughtUp) caughtUp = true;
  }
  return { events, checkpoint, caughtUp };
}
