import { Amount } from '../../amount/index.js';
import type { CreditsDebited, DebitReversed, Draw, UsageUncovered } from '../events.js';

/** What is still there to reverse of one usage event. */
export interface ReversibleDebit {
  readonly creditSystem: string;
  readonly feature: string;
  /** In the order in which they were drawn, less what was given back. */
  readonly draws: readonly Draw[];
  readonly uncovered: Amount;
  readonly disposition: UsageUncovered['disposition'];
  /** What the usage event cost in all. */
  readonly debited: Amount;
  /** Σ draws + uncovered */
  readonly left: Amount;
}

type DebitHistory = readonly (CreditsDebited | UsageUncovered | DebitReversed)[];

/** Undefined when the usage was never recorded. */
export function reversibleDebit(history: DebitHistory): ReversibleDebit | undefined {
  let usage: CreditsDebited | UsageUncovered | undefined;
  let draws: readonly Draw[] = [];
  let uncovered = Amount.zero;
  let disposition: UsageUncovered['disposition'] = 'blocked';
  for (const event of history) {
    switch (event.type) {
      case 'CreditsDebited':
        usage = event;
        draws = event.draws;
        break;
      case 'UsageUncovered':
        usage = event;
        ({ uncovered, disposition } = event);
        break;
      case 'DebitReversed':
        uncovered = uncovered.minus(event.uncovered);
        draws = without(draws, event.restored);
    }
  }
  if (usage === undefined) return undefined;
  const left = Amount.sum([uncovered, ...draws.map((draw) => draw.amount)]);
  return {
    creditSystem: usage.creditSystem,
    feature: usage.usage.feature,
    draws,
    uncovered,
    disposition,
    debited: usage.usage.amount,
    left,
  };
}

/** The grants that a reversal may give credits back to. */
export function grantsDrawnBy(history: DebitHistory): readonly string[] {
  return (reversibleDebit(history)?.draws ?? []).map((draw) => draw.grantId);
}

function without(draws: readonly Draw[], restored: readonly Draw[]): readonly Draw[] {
  return draws
    .map((draw) => {
      const back = restored.filter(({ grantId }) => grantId === draw.grantId).map(({ amount }) => amount);
      return { ...draw, amount: draw.amount.minus(Amount.sum(back)) };
    })
    .filter(({ amount }) => amount.isPositive);
}
