import { identitiesOf } from './identities.js';
import type { RecordedAccountEvent } from './recorded-event.js';
import type { RememberedId } from './rows.js';

/** The ids that the events are remembered by, each with the revision of its first event. */
export function rememberedIds(
  customerId: string,
  events: readonly RecordedAccountEvent[],
): readonly RememberedId[] {
  const ids = new Map<string, RememberedId>();
  for (const { event, revision } of events) {
    for (const { identity, fingerprint } of identitiesOf(event)) {
      if (!ids.has(identity)) ids.set(identity, { customerId, identity, fingerprint, revision });
    }
  }
  return [...ids.values()];
}
