import { readArguments, USAGE, WrongArguments, type Arguments, type Command } from './arguments.js';
import { balance } from './commands/balance.js';
import { explain } from './commands/explain.js';
import { rebuild } from './commands/rebuild.js';
import { replay } from './commands/replay.js';
import { verify } from './commands/verify.js';
import { NobodyReads, type Writer } from './output/writer.js';
import { EXIT, type Exit, type Run } from './run.js';
import { openJournal } from './stores.js';

/** Where the tool writes, and what it knows of its surroundings. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: Writer;
  readonly err: (text: string) => void;
  readonly showProgress: boolean;
}

const COMMANDS: Readonly<Record<Command, (options: Arguments, run: Run) => Promise<Exit>>> = {
  replay,
  verify,
  rebuild,
  balance,
  explain,
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
    const journal = openJournal(options.stores);
    try {
      await journal.ping();
      return await command(options, { journal, ...surroundings });
    } finally {
      await journal.close();
    }
  } catch (error) {
    return failed(error, surroundings.err);
  }
}

/** Errors of the ports, by name: what they mean is the same whichever adapter threw them. */
const AWAY = new Set(['EventStoreUnavailable', 'ReadStoreUnavailable']);

function failed(error: unknown, err: (text: string) => void): Exit {
  if (error instanceof NobodyReads) return EXIT.ok;
  if (!(error instanceof Error)) throw error;
  if (error instanceof WrongArguments) {
    err(`${error.message}\n\n${USAGE}`);
    return EXIT.wrong;
  }
  if (AWAY.has(error.name)) {
    err(`${error.message}\n`);
    return EXIT.away;
  }
  // What is stored cannot be what the ledger wrote: that is a finding, and `verify` says more.
  if (error.name === 'JournalCorrupt') {
    err(`${error.message}\n`);
    return EXIT.found;
  }
  throw error;
}
