import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Position, ReadStreamOptions } from '../port.js';
import { streamIdentifier } from './append-requests.js';

const { Options } = streams.ReadReq;

/** A filtered subscription reports how far it is after every 32 × this many events. */
const CHECKPOINT_MULTIPLIER = 32;

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
  if (position === undefined) return all.setStart(new shared.Empty());
  const place = new Options.Position()
    .setCommitPosition(String(position))
    .setPreparePosition(String(position));
  return all.setPosition(place);
}

function filterOn(prefixes: readonly string[]): ReadReq.Options.FilterOptions {
  const expression = new Options.FilterOptions.Expression();
  // The empty prefix would let the server's own streams pass.
  if (prefixes.includes('')) expression.setRegex('^[^$]');
  else expression.setPrefixList([...prefixes]);
  const filter = new Options.FilterOptions().setStreamIdentifier(expression).setCount(new shared.Empty());
  return filter.setCheckpointintervalmultiplier(CHECKPOINT_MULTIPLIER);
}
