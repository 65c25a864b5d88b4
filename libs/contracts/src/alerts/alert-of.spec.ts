import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { Amount, instant, type AccountEvent, type LowBalanceReached, type UsageUncovered } from '#domain';
import { accountEventSchemas, type AccountEventType } from '../events/ledger-event-schemas.js';
import { anyEvent } from '../events/testing/event-arbitrary.js';
import { jsonSchemas } from '../json-schemas.js';
import { alertOf, isWorthAnAlert } from './alert-of.js';
import { alertSchemas, type AlertKind } from './alert-schemas.js';

const KIND_OF: Partial<Record<AccountEventType, AlertKind>> = {
  LowBalanceReached: 'lowBalanceReached',
  LowBalanceCleared: 'lowBalanceCleared',
  UsageUncovered: 'usageUncovered',
  AutoTopUpRequested: 'topUpRequested',
  AutoTopUpFailed: 'topUpFailed',
  AutoTopUpStopped: 'topUpStopped',
};
const TYPES = Object.keys(accountEventSchemas) as AccountEventType[];
const ALERTING = TYPES.filter((type) => KIND_OF[type] !== undefined);
const SILENT = TYPES.filter((type) => KIND_OF[type] === undefined);

const usageCause = { kind: 'usage', source: 'gateway', id: 'u-1', fingerprint: 'f' } as const;

const at = (event: AccountEvent) => ({
  customerId: 'cust_42',
  eventId: '5d8a4bb2-0b7e-5d2c-9d0e-6f1f0a9b8c7d',
  revision: 7,
  event,
});

/** Usage that is uncovered has a usage event for its cause; the schema of stored events cannot say so. */
const alerting = (type: AccountEventType) =>
  anyEvent(type).map((event) =>
    at({ ...event, ...(type === 'UsageUncovered' && { cause: usageCause }) } as AccountEvent),
  );

describe('alerts', () => {
  it.each(ALERTING)('tell of %s in the shape that is published', (type) => {
    const kind = KIND_OF[type];
    const published = [...jsonSchemas().values()].find((some) => (some as { title?: string }).title === kind);
    const check = z.fromJSONSchema(published as z.core.JSONSchema.JSONSchema);
    fc.assert(
      fc.property(alerting(type), (placed) => {
        const alert = alertOf(placed);
        const told: unknown = JSON.parse(JSON.stringify(alert));
        expect(isWorthAnAlert(type)).toBe(true);
        expect(told).toMatchObject({ kind, alertId: placed.eventId, customerId: 'cust_42', revision: 7 });
        expect(alertSchemas[kind ?? 'topUpStopped'].safeParse(told).error).toBeUndefined();
        expect(check.safeParse(told).error).toBeUndefined();
        expect(check.safeParse({ ...(told as object), extra: 1 }).success).toBe(false);
      }),
      { numRuns: 25 },
    );
  });

  it.each(SILENT)('are not made of %s', (type) => {
    expect(isWorthAnAlert(type)).toBe(false);
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        expect(alertOf(at(event as AccountEvent))).toBeUndefined();
      }),
      { numRuns: 3 },
    );
  });

  const wallet = {
    creditSystem: 'ai-tokens',
    balance: { included: Amount.zero, purchased: Amount.zero, promotional: Amount.zero, held: Amount.zero },
    cause: usageCause,
    occurredAt: instant('2026-11-22T10:00:00Z'),
    recordedAt: instant('2026-11-22T10:00:00.250Z'),
  };

  it('name the threshold that was crossed and what is left', () => {
    const event: LowBalanceReached = {
      type: 'LowBalanceReached',
      ...wallet,
      threshold: Amount.parse('50'),
      available: Amount.parse('49.5'),
      action: 'restrict',
    };
    expect(alertOf(at(event))).toEqual({
      kind: 'lowBalanceReached',
      alertId: '5d8a4bb2-0b7e-5d2c-9d0e-6f1f0a9b8c7d',
      customerId: 'cust_42',
      creditSystem: 'ai-tokens',
      revision: 7,
      occurredAt: '2026-11-22T10:00:00.000Z',
      recordedAt: '2026-11-22T10:00:00.250Z',
      threshold: '50',
      available: '49.5',
      action: 'restrict',
      schemaVersion: 1,
    });
  });

  it('name the usage event that was not paid in full, and what of it', () => {
    const event: UsageUncovered = {
      type: 'UsageUncovered',
      ...wallet,
      usage: {
        feature: 'image',
        quantity: Amount.parse('3'),
        dimensions: {},
        mode: 'metered',
        subscriptionId: 's',
        plan: { id: 'pro', version: 3 },
        creditCost: Amount.parse('0.5'),
        amount: Amount.parse('1.5'),
        placedAt: wallet.occurredAt,
      },
      uncovered: Amount.parse('0.000000000001'),
      disposition: 'billable',
    };
    expect(alertOf(at(event))).toMatchObject({
      usage: { source: 'gateway', id: 'u-1', feature: 'image', quantity: '3' },
      credits: '1.5',
      uncovered: '0.000000000001',
      disposition: 'billable',
    });
  });
});
