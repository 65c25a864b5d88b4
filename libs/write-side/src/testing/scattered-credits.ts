import { Amount, type GrantCredits } from '#domain';
import type { WriteSide } from '../write-side.js';

/** So many that one debit of all of them is larger than an append may be: their names are as long as names get. */
const GRANTS = 1_400;

/** Gives a customer 14 tokens in grants of a hundredth. */
export async function scatterCredits(side: WriteSide, customerId: string): Promise<void> {
  const grants = Array.from({ length: GRANTS }, (_, n): GrantCredits => {
    const key = `${'界'.repeat(250)}${n}`;
    const amount = Amount.parse('0.01');
    return {
      type: 'GrantCredits',
      key,
      fingerprint: key,
      creditSystem: 'tokens',
      amount,
      reason: 'spec',
      actor: 'spec',
    };
  });
  await side.ledger.submit(customerId, grants);
}
