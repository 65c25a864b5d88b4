import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Position, RecordedEvent } from '../port.js';
import { readEvent } from './event-reader.js';
import { recorded } from './recorded.js';

/** A message of a read or a subscription, as far as anybody here asks. */
export interface ReadMessage {
  readonly event?: RecordedEvent;
  /** A filtered subscription has looked at everything up to here. */
  readonly checkpoint?: Position;
  /** A subscription has delivered everything that there was. */
  readonly caughtUp?: boolean;
}

/** @throws Error when the bytes are no message of a read */
export function readMessage(bytes: Buffer): ReadMessage {
  const event = readEvent(bytes);
  return event ? { event } : generalMessage(bytes);
}

/** The same by the generated code, which knows everything that a server may send. */
export function generalMessage(bytes: Buffer): ReadMessage {
  const message = streams.ReadResp.deserializeBinary(new Uint8Array(bytes));
  const event = message.getEvent();
  if (event) return { event: recorded(event) };
  const checkpoint = message.getCheckpoint();
  if (checkpoint) return { checkpoint: BigInt(checkpoint.getCommitPosition()) };
  return message.hasCaughtUp() ? { caughtUp: true } : {};
}
