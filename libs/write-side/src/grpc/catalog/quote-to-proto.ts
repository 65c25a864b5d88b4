import { toTimestamp, type rpc } from '#contracts';
import type { PurchaseQuote } from '../../catalog/quote-purchase.js';

/** A quote that explains itself tier by tier. */
export function quoteToProto({ plan, quote, expiresAt }: PurchaseQuote): rpc.QuotePurchaseResponse {
  return {
    plan: { id: plan.id, version: plan.version },
    quantity: quote.quantity.toString(),
    price: {
      currency: quote.currency,
      subtotal: quote.subtotal.toString(),
      tax: quote.tax.toString(),
      total: quote.total.toString(),
      lines: quote.lines.map((line) => ({
        description: line.description,
        quantity: line.quantity.toString(),
        amount: line.amount.toString(),
      })),
    },
    expiresAt: expiresAt && toTimestamp(expiresAt),
  };
}
