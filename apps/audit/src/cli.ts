import { readArguments, type Arguments } from './arguments.js';
import type { Command } from './command.js';
import { balance } from './commands/balance.js';
import { checkpoint } from './commands/checkpoint.js';
import { deadLetters } from './commands/dead-letters.js';
import { explain } from './commands/explain.js';
import { rebuild } from './commands/rebuild.js';
import { replay } from './commands/replay.js';
import { verify } from './commands/verify.js';
import { NobodyReads } from './output/writer.js';
import { EXIT, type Exit, type Outputs, type Run } from './run.js';
import { openJournal } from './stores.js';
import { USAGE } from './usage.js';
import { WrongArguments } from './wrong-arguments.js';

/** Where the tool writes, and what it knows of its surroundings. */
export interface Surroundings extends Outputs {
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type CommandRun<R> = (options: Arguments, run: R) => Promise<Exit>;

const COMMANDS: Readonly<Record<Command, CommandRun<Outputs>>> = {
  replay: overJournal(replay),
  verify: overJournal(verify),
  rebuild: overJournal(rebuild),
  balance: overJournal(balance),
  explain: overJournal(explain),
  checkpoint: overJournal(checkpoint),
  'dead-letters': deadLetters,
};

/** Runs one subcommand; the answer is the status to end with. Nothing that can be foreseen is thrown. */
export async function runAudit(args: readonly string[], surroundings: Surroundings): Promise<Exit> {
  try {
    const options = readArguments(args, surroundings.environment);
    const command = options.command === 'help' ? undefined : COMMANDS[options.command];
    if (!command) {
      await surroundings.out(USAGE);
      return EXIT.ok;
    }
    return await command(options, surroundings);
  } catch (error) {
    return failed(error, surroundings.err);
  }
}

function overJournal(command: CommandRun<Run>): CommandRun<Outputs> {
  return async (options, outputs) => {
    const journal = openJournal(options.stores);
    try {
      await journal.ping();
      return await command(options, { journal, ...outputs });
    } finally {
      await journal.close();
    }
  };
}

/** How the run ends at an error, by the error's name: it means the same whichever adapter threw it. */
const EXIT_AT: ReadonlyMap<string, Exit> = new Map([
  // What is stored cannot be what the ledger wrote: that is a finding, and `verify` says more.
  ['JournalCorrupt', EXIT.found],
  ['EventsDamaged', EXIT.found],
  ['EventStoreUnavailable', EXIT.away],
  ['ReadStoreUnavailable', EXIT.away],
  ['BrokerUnavailable', EXIT.away],
  // Something named on the command line is not there, or not what it should be.
  ['EventStoreUnusable', EXIT.wrong],
  ['ReadStoreUnusable', EXIT.wrong],
  ['TopicUnknown', EXIT.wrong],
  ['CheckpointInvalid', EXIT.wrong],
  ['SigningKeyInvalid', EXIT.wrong],
  ['OutputFailed', EXIT.wrong],
]);

function failed(error: unknown, err: (text: string) => void): Exit {
  if (error instanceof NobodyReads) return EXIT.ok;
  if (!(error instanceof Error)) throw error;
  if (error instanceof WrongArguments) {
    err(`${error.message}\n\n${USAGE}`);
    return EXIT.wrong;
  }
  const exit = EXIT_AT.get(error.name);
  if (exit === undefined) throw error;
  err(`${error.message}\n`);
  return exit;
}
