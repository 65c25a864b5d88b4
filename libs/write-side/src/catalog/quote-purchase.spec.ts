import { describe, expect, it } from '@jest/globals';
import {
  Amount,
  completeDraft,
  foldCatalog,
  initialCatalog,
  instant,
  type Catalog,
  type CatalogEvent,
} from '#domain';
import { quotePurchase } from './quote-purchase.js';

const at = instant('2026-11-22T10:00:00Z');

/** A plan as a stream may have it, whatever would be refused of it today. */
function catalogWith(timeZone: string): Catalog {
  const fact = {
    cause: { kind: 'command', key: 'k', fingerprint: 'f' },
    occurredAt: at,
    recordedAt: at,
  } as const;
  const system = {
    name: 'Tokens',
    description: null,
    unitLabels: { singular: 'credit', plural: 'credits' },
    scale: 6,
    lateUsageGraceMs: 0,
  };
  const terms = completeDraft({
    name: 'Pro',
    timeZone,
    credits: [
      {
        creditSystem: 'tokens',
        expiresAfter: 'P3M',
        priced: {
          topUp: {
            kind: 'volume',
            currency: 'EUR',
            tiers: [{ firstUnit: Amount.zero, model: 'perUnit', unitPrice: Amount.parse('1') }],
          },
        },
      },
    ],
  });
  const events: CatalogEvent[] = [
    { type: 'CreditSystemDefined', creditSystem: 'tokens', ...system, ...fact },
    { type: 'PlanPublished', planId: 'pro', version: 1, ...terms, ...fact },
  ];
  return foldCatalog(initialCatalog, events);
}

describe('a quote', () => {
  it('does not blame its moment for a time zone that the plan should never have had', () => {
    const question = {
      planId: 'pro',
      planVersion: undefined,
      creditSystem: 'tokens',
      quantity: Amount.parse('1'),
      as: 'topUp',
      at,
    } as const;
    expect(quotePurchase(catalogWith('UTC'), question)).toMatchObject({
      expiresAt: '2027-02-22T10:00:00.000Z',
    });
    expect(() => quotePurchase(catalogWith('PST'), question)).toThrow('not an IANA time zone: "PST"');
  });
});
