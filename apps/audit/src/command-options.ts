import type { Command } from './command.js';
import { WrongArguments } from './wrong-arguments.js';

/** Where the stores are: for every command that opens them. */
const STORES = ['event-store', 'read-store'];
const DEAD_LETTERS = ['topic', 'origin', 'reason', 'format'];

const OPTIONS: Readonly<Record<Command | 'checkpoint verify' | DeadLetters, readonly string[]>> = {
  replay: [...STORES, 'to', 'format'],
  verify: STORES,
  rebuild: [...STORES, 'into'],
  balance: [...STORES, 'at', 'format'],
  explain: [...STORES, 'customer'],
  checkpoint: [...STORES, 'key'],
  'checkpoint verify': [...STORES, 'public-key'],
  'dead-letters': [],
  'dead-letters list': [...DEAD_LETTERS, 'limit'],
  'dead-letters resend': [...DEAD_LETTERS, 'all', 'dry-run'],
};
type DeadLetters = 'dead-letters list' | 'dead-letters resend';

/**
 * An option that says nothing to a command was meant for something.
 * @throws WrongArguments
 */
export function checkOptions(command: Command, names: readonly string[], given: readonly string[]): void {
  const [action] = names;
  const both = `${command} ${action ?? ''}`;
  const whole = both in OPTIONS ? (both as keyof typeof OPTIONS) : command;
  for (const option of given) {
    if (!OPTIONS[whole].includes(option)) throw new WrongArguments(`--${option} is no option of ${whole}`);
  }
}
