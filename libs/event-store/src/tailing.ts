import { EventStoreUnavailable } from './errors.js';
import { checkPrefixes } from './prefixes.js';
import {
  BEFORE_ALL,
  type Position,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from './port.js';

/** One look at the total order. */
export interface Page {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here was looked at: either it is in `events` or the filter left it out. */
  readonly upTo: Position;
  /** Nothing stood after `upTo` when this page was read. */
  readonly atEnd: boolean;
}

/** What a store that can be read by position gives, to be followed for ever. */
export interface Tailable {
  readPage(after: Position, prefixes: readonly string[], limit: number): Page;
  /** Resolves when there may be something after `position`, when the store closes, or when the signal aborts. */
  changed(position: Position, signal: AbortSignal): Promise<void>;
  /** Lets other work run between two pages, so that a long catch-up does not hold up the whole process. */
  breathe(): Promise<void>;
  /** Waits a while after a page could not be read because the store was unavailable. */
  recover(signal: AbortSignal): Promise<void>;
  readonly closed: boolean;
}

/** An empty batch is worth a reader's checkpoint write only when it skips this many positions. */
const EMPTY_STEP = 1000n;

/**
 * A subscription over a store that is read by position. It pulls: nothing is read before the reader asks for the
 * next batch, so a slow reader costs no memory.
 */
export async function* tail(
  source: Tailable,
  { after = BEFORE_ALL, streamPrefixes, signal, maxBatch = 1000 }: SubscribeOptions,
): AsyncGenerator<SubscriptionBatch> {
  checkPrefixes(streamPrefixes);
  let checkpoint = after;
  let told = after;
  let toldLive = false;
  while (!signal.aborted && !source.closed) {
    let page: Page;
    try {
      page = source.readPage(checkpoint, streamPrefixes, maxBatch);
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      await source.recover(signal);
      continue;
    }
    if (page.upTo > checkpoint) checkpoint = page.upTo;
    if (page.events.length > 0 || checkpoint - told >= EMPTY_STEP || (page.atEnd && !toldLive)) {
      told = checkpoint;
      toldLive = page.atEnd;
      yield { events: page.events, checkpoint, caughtUp: page.atEnd };
      await source.breathe();
    } else if (page.atEnd) {
      await source.changed(checkpoint, signal);
    }
  }
}
