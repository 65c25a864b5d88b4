/** Credits as whole 10⁻¹², the plainest exact number there is. Negative only in sums that go wrong. */
export type Units = bigint;

const DECIMALS = 12;
const ONE = 10n ** 12n;

/** Reads `-?digits[.digits]`; the model is only ever fed texts that the service has accepted. */
export function units(text: string): Units {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) throw new Error(`the model cannot read the amount ${text}`);
  const [, sign, whole = '', fraction = ''] = match;
  const magnitude = BigInt(whole + fraction.padEnd(DECIMALS, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

export function text(amount: Units): string {
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % ONE).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${magnitude / ONE}${fraction === '' ? '' : `.${fraction}`}`;
}

/** quantity × cost, rounded once to `scale` decimals; what lies exactly in the middle goes to the even one. */
export function debitOf(quantity: Units, cost: Units, scale: number): Units {
  const step = 10n ** BigInt(DECIMALS - scale);
  const exact = quantity * cost; // in 10⁻²⁴
  const divisor = step * ONE;
  const down = exact / divisor;
  const rest = exact % divisor;
  const up = rest * 2n > divisor || (rest * 2n === divisor && down % 2n === 1n);
  return (up ? down + 1n : down) * step;
}

export function least(a: Units, b: Units): Units {
  return a < b ? a : b;
}

export function most(a: Units, b: Units): Units {
  return a > b ? a : b;
}

export function sum(amounts: readonly Units[]): Units {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
