import type { Quote } from '../../rating/index.js';
import type { PriceRecord } from '../events.js';

/** A quote as an event keeps it: texts only, so that reading it never computes anything. */
export function priceRecord(quote: Quote): PriceRecord {
  return {
    currency: quote.currency,
    subtotal: quote.subtotal.toString(),
    tax: quote.tax.toString(),
    total: quote.total.toString(),
    lines: quote.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity.toString(),
      amount: line.amount.toString(),
    })),
  };
}
