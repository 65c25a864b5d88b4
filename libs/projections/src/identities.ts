import { identityOf, type AccountEvent } from '#domain';

/** A text under which an event is found again for ever, with the fingerprint of the command that caused it. */
export interface Identity {
  readonly identity: string;
  readonly fingerprint: string;
}

/**
 * The identities an event is remembered by: the usage event or command that caused it, and the hold it placed
 * (a hold's id is never used twice). What settlement causes has none.
 */
export function identitiesOf(event: AccountEvent): readonly Identity[] {
  const { cause } = event;
  if (cause.kind === 'settlement') return [];
  const { fingerprint } = cause;
  const identity = identityOf(cause);
  const own = identity === null ? [] : [{ identity, fingerprint }];
  return event.type === 'HoldPlaced' ? [...own, { identity: holdIdentity(event.holdId), fingerprint }] : own;
}

/** The identity of a hold; no usage and no command can have the same. */
export function holdIdentity(holdId: string): string {
  return `hold/${holdId}`;
}
