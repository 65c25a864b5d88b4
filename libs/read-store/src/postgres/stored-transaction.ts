import type { ToldTransaction } from '#projections';
import { fromStorableText } from '../storable-text.js';
import type { TransactionGroup } from '../transaction-group.js';

/** A row of the table `transactions` as COLUMNS select it: numeric and bigint arrive as texts, numeric as it was written. */
export interface StoredTransaction {
  readonly revision: number;
  readonly group_id: number;
  readonly occurred_ms: string;
  readonly recorded_ms: string;
  readonly event_id: string;
  readonly change_included: string;
  readonly change_purchased: string;
  readonly change_promotional: string;
  readonly change_held: string;
  readonly included: string;
  readonly purchased: string;
  readonly promotional: string;
  readonly held: string;
  readonly uncovered: string;
  readonly usage_source: string | null;
  readonly usage_id: string | null;
  readonly grant_id: string | null;
  readonly hold_id: string | null;
}

/** A timestamp in milliseconds since 1970, whatever the session's time zone and date style. */
export function ms(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::bigint`;
}

export const COLUMNS = `t.revision, t.group_id, ${ms('t.occurred_at')} AS occurred_ms,
  ${ms('t.recorded_at')} AS recorded_ms, t.event_id,
  t.change_included, t.change_purchased, t.change_promotional, t.change_held,
  t.included, t.purchased, t.promotional, t.held, t.uncovered,
  t.usage_source, t.usage_id, t.grant_id, t.hold_id`;

export function toToldTransaction(
  customerId: string,
  group: TransactionGroup | undefined,
  stored: StoredTransaction,
): ToldTransaction {
  if (!group) throw new Error(`transaction group ${stored.group_id} is missing from the read store`);
  return {
    customerId,
    revision: stored.revision,
    eventId: fromStorableText(stored.event_id),
    creditSystem: group.creditSystem,
    type: group.type,
    occurredAtMs: Number(stored.occurred_ms),
    recordedAtMs: Number(stored.recorded_ms),
    change: {
      included: stored.change_included,
      purchased: stored.change_purchased,
      promotional: stored.change_promotional,
      held: stored.change_held,
    },
    touched: group.touched,
    balance: {
      included: stored.included,
      purchased: stored.purchased,
      promotional: stored.promotional,
      held: stored.held,
    },
    uncovered: stored.uncovered,
    feature: group.feature,
    usageSource: readable(stored.usage_source),
    usageId: readable(stored.usage_id),
    grantId: readable(stored.grant_id),
    holdId: readable(stored.hold_id),
  };
}

function readable(stored: string | null): string | null {
  return stored === null ? null : fromStorableText(stored);
}
