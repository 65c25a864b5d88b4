import { identityOf, usageIdentity, type AccountEvent, type DebitReversed } from '#domain';
import { text } from './exact.js';
import type { Fault } from './finding.js';

/** What is left to reverse of one usage event. */
interface Reversible {
  readonly draws: { readonly grantId: string; left: bigint }[];
  uncovered: bigint;
}

/** The usage event that a reversal undoes. */
export function reversedIdentity({ usage }: DebitReversed): string {
  return usageIdentity(usage.source, usage.id);
}

/**
 * Checks what reversals gave back, in a second pass over an account that has any: only the debits that were ever
 * reversed need to be remembered. From the end: what was uncovered first, then last drawn first, and never more
 * than was drawn.
 */
export class ReversalVerifier {
  readonly #debits = new Map<string, Reversible>();

  constructor(private readonly reversed: ReadonlySet<string>) {}

  check(event: AccountEvent, fault: Fault): void {
    if (event.type === 'DebitReversed') this.#reverse(event, fault);
    if (event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') return;
    const identity = identityOf(event.cause);
    if (identity === null || !this.reversed.has(identity)) return;
    const debit = this.#debits.get(identity) ?? { draws: [], uncovered: 0n };
    this.#debits.set(identity, debit);
    if (event.type === 'UsageUncovered') debit.uncovered += event.uncovered.units;
    else debit.draws.push(...event.draws.map(({ grantId, amount }) => ({ grantId, left: amount.units })));
  }

  #reverse(event: DebitReversed, fault: Fault): void {
    const identity = reversedIdentity(event);
    const debit = this.#debits.get(identity);
    if (!debit) {
      fault('draws', `${identity} is reversed, but was never debited`);
      return;
    }
    let left = event.amount.units;
    const uncovered = least(debit.uncovered, left);
    debit.uncovered -= uncovered;
    left -= uncovered;
    const expected: string[] = [];
    for (const draw of debit.draws.toReversed()) {
      const part = least(draw.left, left);
      if (part === 0n) continue;
      draw.left -= part;
      left -= part;
      expected.push(`${draw.grantId} ${text(part)}`);
    }
    if (left > 0n) fault('draws', `${text(left)} more was reversed of ${identity} than was debited`);
    const found = event.restored.map(({ grantId, amount }) => `${grantId} ${amount.toString()}`);
    if (found.join() !== expected.join() || event.uncovered.units !== uncovered) {
      fault(
        'draws',
        `the reversal gave back ${listed(found)} and wrote off ${event.uncovered.toString()}, ` +
          `but should give back ${listed(expected)} and write off ${text(uncovered)}`,
      );
    }
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function listed(draws: readonly string[]): string {
  return draws.length === 0 ? 'nothing' : draws.join(', ');
}
