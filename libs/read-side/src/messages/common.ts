import { toTimestamp, type rpc } from '#contracts';
import {
  Amount,
  type Cause,
  type CreditSource,
  type Draw,
  type GrantOrigin,
  type Instant,
  type PriceRecord,
  type UsageUncovered,
} from '#domain';
import type { ToldBalance } from '#projections';

const SOURCES = {
  included: 'INCLUDED',
  purchased: 'PURCHASED',
  promotional: 'PROMOTIONAL',
} as const satisfies Record<CreditSource, rpc.CreditSource>;

/** What a request may say of a credit source. */
export const SOURCE_MEANINGS: Readonly<Record<string, CreditSource>> = {
  INCLUDED: 'included',
  PURCHASED: 'purchased',
  PROMOTIONAL: 'promotional',
};

const DISPOSITIONS = { blocked: 'BLOCKED', billable: 'BILLABLE' } as const satisfies Record<
  UsageUncovered['disposition'],
  rpc.UncoveredDisposition
>;

const ORIGINS = {
  allowance: 'ALLOWANCE',
  pack: 'PACK',
  topUp: 'TOP_UP',
  promotion: 'PROMOTION',
  rollover: 'ROLLOVER',
} as const satisfies Record<GrantOrigin['kind'], rpc.GrantOrigin_Kind>;

export function sourceMessage(source: CreditSource): rpc.CreditSource {
  return SOURCES[source];
}

export function dispositionMessage(
  disposition: UsageUncovered['disposition'] | undefined,
): rpc.UncoveredDisposition {
  return disposition === undefined ? 'UNCOVERED_DISPOSITION_UNSPECIFIED' : DISPOSITIONS[disposition];
}

export function timeMessage(at: Instant | null): rpc.Timestamp | null {
  return at === null ? null : toTimestamp(at);
}

export function drawMessages(draws: readonly Draw[]): rpc.Draw[] {
  return draws.map(({ grantId, source, amount }) => ({
    grantId,
    source: SOURCES[source],
    amount: amount.toString(),
  }));
}

/** A balance as events carry it along. */
export function balanceMessage(
  creditSystem: string,
  { included, purchased, promotional, held }: ToldBalance,
): rpc.WalletBalance {
  const totalAvailable = sumOf(included, purchased, promotional);
  return { creditSystem, totalAvailable, included, purchased, promotional, held };
}

/** Most wallets have one kind of credits, whose text stands for the sum as it is. */
function sumOf(...texts: readonly string[]): string {
  const [only = '0', ...others] = texts.filter((text) => text !== '0');
  return others.length === 0
    ? only
    : Amount.sum([only, ...others].map((text) => Amount.parse(text))).toString();
}

function priceMessage({ currency, subtotal, tax, total, lines }: PriceRecord): rpc.Price {
  return { currency, subtotal, tax, total, lines };
}

export function originMessage(origin: GrantOrigin): rpc.GrantOrigin {
  return {
    kind: ORIGINS[origin.kind],
    subscriptionId: 'subscriptionId' in origin ? origin.subscriptionId : '',
    plan: 'plan' in origin ? origin.plan : null,
    period:
      'period' in origin
        ? {
            index: origin.period.index,
            start: toTimestamp(origin.period.start),
            end: toTimestamp(origin.period.end),
          }
        : null,
    price: 'price' in origin ? priceMessage(origin.price) : null,
    paymentReference: origin.kind === 'topUp' ? origin.paymentReference : '',
    automatic: origin.kind === 'topUp' && origin.automatic,
    reason: origin.kind === 'promotion' ? origin.reason : '',
    actor: origin.kind === 'promotion' ? origin.actor : '',
    fromGrantId: origin.kind === 'rollover' ? origin.fromGrantId : '',
  };
}

export function causeMessage(cause: Cause): rpc.Cause {
  const nobody = { source: '', id: '', idempotencyKey: '', actor: '' };
  switch (cause.kind) {
    case 'usage':
      return { ...nobody, kind: 'USAGE', source: cause.source, id: cause.id };
    case 'command':
      return { ...nobody, kind: 'COMMAND', idempotencyKey: cause.key, actor: cause.actor ?? '' };
    case 'settlement':
      return { ...nobody, kind: 'SETTLEMENT' };
  }
}
