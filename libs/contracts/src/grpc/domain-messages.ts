import type { CreditSource, Draw, PriceRecord, UsageUncovered } from '#domain';
import type {
  CreditSource as CreditSourceName,
  Draw as DrawMessage,
  Price,
  UncoveredDisposition,
} from './messages.js';

const SOURCES = {
  included: 'INCLUDED',
  purchased: 'PURCHASED',
  promotional: 'PROMOTIONAL',
} as const satisfies Record<CreditSource, CreditSourceName>;

const DISPOSITIONS = { blocked: 'BLOCKED', billable: 'BILLABLE' } as const satisfies Record<
  UsageUncovered['disposition'],
  UncoveredDisposition
>;

export function sourceMessage(source: CreditSource): CreditSourceName {
  return SOURCES[source];
}

/** @param disposition undefined: all was covered */
export function dispositionMessage(
  disposition: UsageUncovered['disposition'] | undefined,
): UncoveredDisposition {
  return disposition === undefined ? 'UNCOVERED_DISPOSITION_UNSPECIFIED' : DISPOSITIONS[disposition];
}

export function drawMessages(draws: readonly Draw[]): DrawMessage[] {
  return draws.map(({ grantId, source, amount }) => ({
    grantId,
    source: SOURCES[source],
    amount: amount.toString(),
  }));
}

export function priceMessage({ currency, subtotal, tax, total, lines }: PriceRecord): Price {
  return { currency, subtotal, tax, total, lines };
}
