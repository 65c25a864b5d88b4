import { checkAppend } from '../append-rule.js';
import { appendBytes } from '../append-size.js';
import {
  AppendOutcomeUnknown,
  AppendTooLarge,
  EventStoreUnavailable,
  WrongExpectedRevision,
} from '../errors.js';
import type { Appended, EventStore, Position } from '../port.js';
import { AppendLane } from './append-lane.js';
import type { AppendOutcome } from './append-outcome.js';
import type { AppendRequest } from './append-requests.js';

/** A node that is no longer the leader names the new one; an election may take a few turns. */
const MOST_HOPS = 4;

export interface AppendingOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** Where an event of a stream stands, when the server recognised a repeat but did not say. */
  readonly positionOf: (stream: string, revision: number) => Promise<Position>;
}

export interface Appending {
  readonly append: EventStore['append'];
  close(): void;
}

/** Appends on one lane, and on the next one once that has failed to answer. */
export function appending({ url, timeoutMs, positionOf }: AppendingOptions): Appending {
  let lane = new AppendLane(url);
  let closed = false;

  const attempt = (request: AppendRequest): Promise<AppendOutcome> => {
    if (lane.left) lane = new AppendLane(url);
    return lane.append(request, timeoutMs);
  };

  const append = async (
    stream: AppendRequest['stream'],
    expectedRevision: number,
    events: AppendRequest['events'],
  ): Promise<Appended> => {
    checkAppend(stream, expectedRevision, events);
    if (closed) throw new EventStoreUnavailable('the event store is closed');
    const request = { stream, expectedRevision, events: [...events] };
    let outcome = await attempt(request);
    // On a call that others share, "not the leader" says little about an append that was sent before. Sending it
    // again is right in either case; only what a failure means afterwards depends on it.
    let doubtful = outcome.kind === 'not-leader';
    for (let hop = 1; outcome.kind === 'not-leader' && hop < MOST_HOPS; hop += 1)
      outcome = await attempt(request);
    doubtful ||= outcome.kind === 'unknown';
    if (outcome.kind === 'written') {
      const position = outcome.position ?? (await positionOf(stream, outcome.revision));
      return { revision: outcome.revision, position };
    }
    throw errorFor(outcome, request, doubtful);
  };

  return {
    append,
    close: () => {
      closed = true;
      lane.leave();
    },
  };
}

function errorFor(
  outcome: Exclude<AppendOutcome, { kind: 'written' }>,
  { stream, expectedRevision, events }: AppendRequest,
  doubtful: boolean,
): Error {
  switch (outcome.kind) {
    case 'conflict':
      return new WrongExpectedRevision(stream, expectedRevision, outcome.actualRevision);
    case 'too-large':
      return new AppendTooLarge(stream, appendBytes(events), outcome.limitBytes);
    case 'refused':
      return new Error(`stream ${stream}: the event store refuses the append: ${outcome.reason}`);
    case 'unknown':
    case 'unavailable':
    case 'denied':
    case 'not-leader': {
      const reason = outcome.kind === 'not-leader' ? 'no node says that it is the leader' : outcome.reason;
      if (doubtful) return new AppendOutcomeUnknown(stream, expectedRevision, { cause: new Error(reason) });
      return new EventStoreUnavailable(`stream ${stream}: ${reason}`);
    }
  }
}
