import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { BEFORE_ALL, type Position, type ReadStreamOptions } from '../port.js';
import { streamIdentifier } from './append-requests.js';

const { Options } = streams.ReadReq;

/** Records that the server looks at for one answer of a filtered read; 32 of them unless told. */
const SEARCH_WINDOW = 1024;

/** A filtered subscription reports how far it is after so many search windows. */
const CHECKPOINT_MULTIPLIER = 1;

function options(): ReadReq.Options {
  const uuidAsText = new Options.UUIDOption().setString(new shared.Empty());
  return new Options().setUuidOption(uuidAsText).setResolveLinks(false);
}

/** A stream, forward or backward, `count` events at most. */
export function streamRequest(
  stream: string,
  direction: ReadStreamOptions['direction'],
  from: number | undefined,
  count: number,
): ReadReq {
  const what = new Options.StreamOptions().setStreamIdentifier(streamIdentifier(stream));
  if (from !== undefined) what.setRevision(String(from));
  else if (direction === 'backward') what.setEnd(new shared.Empty());
  else what.setStart(new shared.Empty());
  const { BACKWARDS, FORWARDS } = Options.ReadDirection;
  const request = options().setStream(what).setNoFilter(new shared.Empty()).setCount(countOf(count));
  request.setReadDirection(direction === 'backward' ? BACKWARDS : FORWARDS);
  return new streams.ReadReq().setOptions(request);
}

/** `$all` from a position (which a read includes), filtered by the server. */
export function allRequest(from: Position | undefined, prefixes: readonly string[], count: number): ReadReq {
  const request = options().setAll(startingAt(from)).setFilter(filterOn(prefixes)).setCount(countOf(count));
  return new streams.ReadReq().setOptions(request);
}

/** A subscription to `$all` after a position (which it leaves out), filtered by the server. */
export function subscriptionRequest(after: Position | undefined, prefixes: readonly string[]): ReadReq {
  const request = options().setAll(startingAt(after)).setFilter(filterOn(prefixes));
  return new streams.ReadReq().setOptions(request.setSubscription(new Options.SubscriptionOptions()));
}

function countOf(count: number): string {
  return String(Math.min(count, Number.MAX_SAFE_INTEGER));
}

/** Commit and prepare position are the same for everything that is written over gRPC. */
function startingAt(position: Position | undefined): ReadReq.Options.AllOptions {
  const all = new Options.AllOptions();
  if (position === undefined || position === BEFORE_ALL) return all.setStart(new shared.Empty());
  const place = new Options.Position()
    .setCommitPosition(String(position))
    .setPreparePosition(String(position));
  return all.setPosition(place);
}

/**
 * A regular expression is compared character by character. Lists of prefixes are compared by the rules of a language
 * (all servers up to 25.1): an id that begins with a combining accent would belong to no prefix.
 */
function filterOn(prefixes: readonly string[]): ReadReq.Options.FilterOptions {
  // The empty prefix would let the server's own streams pass.
  const regex = prefixes.includes('') ? '^[^$]' : `^(?:${prefixes.map(literally).join('|')})`;
  const filter = new Options.FilterOptions();
  filter.setStreamIdentifier(new Options.FilterOptions.Expression().setRegex(regex));
  return filter.setMax(SEARCH_WINDOW).setCheckpointintervalmultiplier(CHECKPOINT_MULTIPLIER);
}

/** The text as a regular expression, in .NET's dialect as well as ours. */
function literally(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
}
