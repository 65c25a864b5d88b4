import type { Fault } from '../rejection.js';
import type { PlanTerms } from './plan.js';

/** What an event store takes in one append is 1 MiB; the rest is for what else an event says. */
const MAX_PLAN_BYTES = 1_000_000;

/**
 * Each list within its limit, but too much together: a hundred credits with a hundred tiers each are more than one
 * event may say. Every feature there may be leaves room for credits, so they are what there is too much of.
 */
export function planSizeFaults(terms: PlanTerms): readonly Fault[] {
  const bytes = bytesOf(JSON.stringify(terms));
  if (bytes <= MAX_PLAN_BYTES) return [];
  const message = `too many tiers and features together: the plan takes ${bytes} bytes of at most ${MAX_PLAN_BYTES}`;
  return [{ path: 'credits', message }];
}

/** In UTF-8. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const half = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || half ? 2 : 3;
  }
  return bytes;
}
