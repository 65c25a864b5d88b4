import { priceMessage, toTimestamp, type rpc } from '#contracts';
import { Amount, type Cause, type GrantOrigin } from '#domain';
import type { ToldBalance } from '#projections';

const ORIGINS = {
  allowance: 'ALLOWANCE',
  pack: 'PACK',
  topUp: 'TOP_UP',
  promotion: 'PROMOTION',
  rollover: 'ROLLOVER',
} as const satisfies Record<GrantOrigin['kind'], rpc.GrantOrigin_Kind>;

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
