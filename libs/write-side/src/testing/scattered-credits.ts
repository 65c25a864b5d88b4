import { Amount, type GrantCredits } from '#domain';

/** So many that one debit of all of them is larger than an append may be: their names are as long as names get. */
const GRANTS = 1_400;

/** 14 tokens in grants of a hundredth. */
export function scatteredGrants(): GrantCredits[] {
  return Array.from({ length: GRANTS }, (_, n) => {
    const key = `${'界'.repeat(250)}${n}`;
    return {
      type: 'GrantCredits',
      key,
      fingerprint: key,
      creditSystem: 'tokens',
      amount: Amount.parse('0.01'),
      reason: 'spec',
      actor: 'spec',
    };
  });
}
