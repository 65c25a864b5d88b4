import type { RecordedEvent } from '#event-store';
import type { Fault } from './finding.js';

/** The event that was recorded; undefined, and a finding, where it cannot be read. */
export function decodedOrFault<Event>(
  { type, data }: RecordedEvent,
  decode: (type: string, data: Uint8Array) => Event,
  fault: Fault,
): Event | undefined {
  try {
    return decode(type, data);
  } catch (error) {
    fault('unreadable', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
