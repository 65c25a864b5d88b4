import type { AccountEvent } from '#domain';

/** An event as it stands in its account's stream. */
export interface RecordedAccountEvent {
  readonly eventId: string;
  /** Its place in the account's stream, from 0. */
  readonly revision: number;
  /** Its link of the account's hash chain. */
  readonly hash: string;
  readonly event: AccountEvent;
}
