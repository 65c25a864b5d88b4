import { Amount } from '#domain';
import type { Produced } from '../traffic/produced.js';
import { usageKey, type LedgerTruth } from './ledger-truth.js';

/** What became of everything that was produced: each event under one heading, counted in the journal itself. */
export interface Outcomes {
  /** Usage events, each id once however often it was sent, and messages that are none. */
  readonly produced: number;
  readonly debited: number;
  /** Debited as far as the credits went; the rest is recorded as uncovered. */
  readonly partlyCovered: number;
  readonly uncovered: number;
  readonly deadLettered: number;
  /** Synchronous debits that a rule forbade. */
  readonly refused: number;
  /** Of a feature that costs no credits. */
  readonly notMetered: number;
}

export const NO_OUTCOMES: Outcomes = {
  produced: 0,
  debited: 0,
  partlyCovered: 0,
  uncovered: 0,
  deadLettered: 0,
  refused: 0,
  notMetered: 0,
};

/** @param deadLettered messages that must be refused and are among the dead letters */
export function outcomesOf(produced: Produced, truth: LedgerTruth, deadLettered: number): Outcomes {
  const counted = {
    ...NO_OUTCOMES,
    produced: produced.usages.length + produced.refused.length,
    deadLettered,
  };
  for (const { usage, kind, answer } of produced.usages) {
    const booked = truth.usages.get(usageKey(usage));
    if (booked) counted[headingOf(booked)] += 1;
    else if (answer === 'refused') counted.refused += 1;
    else if (kind === 'not-metered') counted.notMetered += 1;
  }
  return counted;
}

function headingOf({ paid, uncovered }: { readonly paid: Amount; readonly uncovered: Amount }) {
  if (uncovered.equals(Amount.zero)) return 'debited';
  return paid.equals(Amount.zero) ? 'uncovered' : 'partlyCovered';
}

/** How many have an outcome; less than were produced means that some were lost. */
export function accountedFor(outcomes: Outcomes): number {
  const { debited, partlyCovered, uncovered, deadLettered, refused, notMetered } = outcomes;
  return debited + partlyCovered + uncovered + deadLettered + refused + notMetered;
}

export function sumOf(left: Outcomes, right: Outcomes): Outcomes {
  return {
    produced: left.produced + right.produced,
    debited: left.debited + right.debited,
    partlyCovered: left.partlyCovered + right.partlyCovered,
    uncovered: left.uncovered + right.uncovered,
    deadLettered: left.deadLettered + right.deadLettered,
    refused: left.refused + right.refused,
    notMetered: left.notMetered + right.notMetered,
  };
}

export function outcomesInWords(outcomes: Outcomes): string {
  const { produced, debited, partlyCovered, uncovered, deadLettered, refused, notMetered } = outcomes;
  const total = accountedFor(outcomes);
  return (
    `${produced} events produced ${total === produced ? '=' : '≠'} ${debited} debited + ` +
    `${partlyCovered} partly covered + ${uncovered} uncovered + ${deadLettered} dead-lettered + ` +
    `${refused} refused by rule + ${notMetered} that cost no credits`
  );
}
