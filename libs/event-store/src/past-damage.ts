import { EventsDamaged } from './errors.js';
import type { RecordedEvent } from './port.js';

/**
 * Reads all that can be read, and tells of what is damaged between: for who examines a store. Everybody else stops
 * where something is damaged.
 *
 * @param readOn from the beginning, or from behind what was damaged
 */
export async function* pastDamage(
  readOn: (damaged: EventsDamaged | undefined) => AsyncIterable<readonly RecordedEvent[]>,
  tell: (damaged: EventsDamaged) => void | Promise<void>,
): AsyncGenerator<readonly RecordedEvent[]> {
  for (let damaged: EventsDamaged | undefined, atEnd = false; !atEnd;) {
    try {
      yield* readOn(damaged);
      atEnd = true;
    } catch (error) {
      if (!(error instanceof EventsDamaged)) throw error;
      damaged = error;
      await tell(damaged);
    }
  }
}
