import type { AccountEvent, AutoTopUpRequested, UsageUncovered } from '#domain';
import { ALERT_SCHEMA_VERSION, type Alert } from './alert-schemas.js';

/** An account's event and where it stands. */
export interface PlacedAccountEvent {
  readonly customerId: string;
  readonly eventId: string;
  readonly revision: number;
  readonly event: AccountEvent;
}

const schemaVersion = ALERT_SCHEMA_VERSION;

/** The types whose every event is worth an alert; no event of another type is. */
const ALERTING = {
  LowBalanceReached: true,
  LowBalanceCleared: true,
  UsageUncovered: true,
  AutoTopUpRequested: true,
  AutoTopUpFailed: true,
  AutoTopUpStopped: true,
};

type AlertingEvent = Extract<AccountEvent, { readonly type: keyof typeof ALERTING }>;

/** Whether `alertOf` makes an alert of events of this type: known without reading them. */
export function isWorthAnAlert(type: string): boolean {
  return Object.hasOwn(ALERTING, type);
}

function isAlerting(event: AccountEvent): event is AlertingEvent {
  return isWorthAnAlert(event.type);
}

/** The alert that an event is worth; undefined for the events that only concern the ledger. */
export function alertOf({ customerId, eventId, revision, event }: PlacedAccountEvent): Alert | undefined {
  if (!isAlerting(event)) return undefined;
  const about = (creditSystem: string) => ({
    alertId: eventId,
    customerId,
    creditSystem,
    revision,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
  });
  switch (event.type) {
    case 'LowBalanceReached': {
      const [threshold, available] = [event.threshold.toString(), event.available.toString()];
      const { action } = event;
      const shared = { ...about(event.creditSystem), threshold, available };
      return { kind: 'lowBalanceReached', ...shared, action, schemaVersion };
    }
    case 'LowBalanceCleared': {
      const [threshold, available] = [event.threshold.toString(), event.available.toString()];
      return { kind: 'lowBalanceCleared', ...about(event.creditSystem), threshold, available, schemaVersion };
    }
    case 'UsageUncovered':
      return { kind: 'usageUncovered', ...about(event.creditSystem), ...uncovered(event), schemaVersion };
    case 'AutoTopUpRequested':
      return { kind: 'topUpRequested', ...about(event.creditSystem), ...request(event), schemaVersion };
    case 'AutoTopUpFailed': {
      const { requestId, reason, consecutiveFailures } = event;
      const failure = { requestId, reason, consecutiveFailures };
      return { kind: 'topUpFailed', ...about(event.creditSystem), ...failure, schemaVersion };
    }
    case 'AutoTopUpStopped':
      return { kind: 'topUpStopped', ...about(event.creditSystem), reason: event.reason, schemaVersion };
  }
}

function uncovered({ cause, usage, uncovered: missing, disposition }: UsageUncovered) {
  // Only usage leaves usage uncovered; an event that says otherwise is not one this ledger wrote.
  if (cause.kind !== 'usage') throw new TypeError(`usage that was caused by a ${cause.kind}`);
  return {
    usage: {
      source: cause.source,
      id: cause.id,
      feature: usage.feature,
      quantity: usage.quantity.toString(),
    },
    credits: usage.amount.toString(),
    uncovered: missing.toString(),
    disposition,
  };
}

function request({ requestId, subscriptionId, plan, quantity, price }: AutoTopUpRequested) {
  return {
    requestId,
    subscriptionId,
    plan: { ...plan },
    quantity: quantity.toString(),
    price: { ...price, lines: price.lines.map((line) => ({ ...line })) },
  };
}
