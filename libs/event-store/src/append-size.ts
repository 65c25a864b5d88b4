import type { NewEvent } from './port.js';

/** What EventStoreDB takes in one append unless it is configured otherwise; the other adapters hold the same limit. */
export const APPEND_LIMIT_BYTES = 1024 * 1024;

/** Size of an event as EventStoreDB counts it: data, metadata and the type in UTF-16. */
export function eventBytes(event: NewEvent): number {
  return event.data.byteLength + event.metadata.byteLength + 2 * event.type.length;
}

/** Size of an append of these events, in bytes, as EventStoreDB counts it. */
export function appendBytes(events: readonly NewEvent[]): number {
  return events.reduce((sum, event) => sum + eventBytes(event), 0);
}
