import { giveBack } from './give-back.js';
import type { PlainCommand } from './plain.js';
import type { Refusal } from './subscriptions.js';
import { usageIdentity } from './usage.js';
import type { Debit, Draw, World } from './world.js';
import { least, sum, units, type Units } from './units.js';

type ReverseDebit = Extract<PlainCommand, { readonly type: 'ReverseDebit' }>;

/** Undoes a debit from its end: what nothing paid is written off first, then the last draw comes back first. */
export function reverseDebit(world: World, command: ReverseDebit, now: number): Refusal {
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const identity = usageIdentity(command.usage);
  const debit = world.debits.find((each) => each.identity === identity);
  if (!debit) return 'DEBIT_UNKNOWN';
  const open = openDraws(debit);
  const uncoveredLeft = debit.uncovered - debit.writtenOff;
  const left = uncoveredLeft + sum(open.map(({ amount }) => amount));
  const amount = command.amount === undefined ? left : units(command.amount);
  if (command.amount !== undefined && amount <= 0n) return 'COMMAND_MALFORMED';
  if (amount > left || left === 0n) return 'REVERSAL_EXCEEDS_DEBIT';

  const writeOff = least(amount, uncoveredLeft);
  const restored = takeFirst(open.toReversed(), amount - writeOff);
  giveBack(world, restored, now, 'consumed');
  const after = {
    ...debit,
    restored: [...debit.restored, ...restored],
    writtenOff: debit.writtenOff + writeOff,
  };
  world.debits = world.debits.map((each) => (each === debit ? after : each));
  return undefined;
}

/** What is left of a debit, in the order in which it is undone. */
export function debitParts(debit: Debit): readonly Units[] {
  const amounts = openDraws(debit).map(({ amount }) => amount);
  return [debit.uncovered - debit.writtenOff, ...amounts.toReversed()].filter((amount) => amount > 0n);
}

/** The draws of a debit in the order in which they were drawn, less what was given back. */
function openDraws({ draws, restored }: Debit): readonly Draw[] {
  return draws
    .map(({ grant, amount }) => ({
      grant,
      amount: amount - sum(restored.filter((back) => back.grant === grant).map((back) => back.amount)),
    }))
    .filter(({ amount }) => amount > 0n);
}

/** The first of some draws, as far as an amount reaches. */
export function takeFirst(draws: readonly Draw[], amount: Units): readonly Draw[] {
  let left = amount;
  return draws.flatMap((draw) => {
    const part = least(draw.amount, left);
    left -= part;
    return part > 0n ? [{ grant: draw.grant, amount: part }] : [];
  });
}
