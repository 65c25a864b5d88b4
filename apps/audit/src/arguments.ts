import { parseArgs } from 'node:util';
import { isCustomerId } from '#contracts';
import { instant, type Instant } from '#domain';
import { InvalidSettings, readSettings } from '#platform';
import { FORMATS, type Format } from './output/rows.js';
import type { StoreUrls } from './stores.js';

export const USAGE = `Checks the ledger without trusting the service. Reads the stores, and can change neither.

  npm run audit -- replay [customer …]             every event in order, with the balance after it
  npm run audit -- verify [customer …]             hash chain, revisions, conservation of every grant, and each
                                                   debit's draws against a second set of books
  npm run audit -- rebuild                         folds everything anew beside the live read store and compares
                                                   the two row for row
  npm run audit -- balance <customer>              the wallets as the events add up
  npm run audit -- explain <usage source> <usage id>   what became of one usage event, and why

  --to <time>           replay: only what was recorded by then
  --at <time>           balance: as of this recorded time; default now
  --customer <id>       explain: look in this account alone instead of in all
  --format table|ndjson|csv   replay, balance: default table
  --into <file>         rebuild: the SQLite file to fold into, kept afterwards; default a temporary one
  --event-store <url>   default EVENT_STORE_URL, or sqlite:./data/events.db
  --read-store <url>    default READ_STORE_URL, or sqlite:./data/read.db

Times are RFC 3339, or a date (its first moment, UTC). Progress and remarks go to standard error.
Ends with 0 when all is well, 1 when something was found (a finding, a difference, an unknown customer or usage
event), 2 when the arguments or the environment are wrong, 3 when a store cannot be reached.
`;

/** The command line cannot be understood. */
export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
}

export const COMMANDS = ['replay', 'verify', 'rebuild', 'balance', 'explain'] as const;
export type Command = (typeof COMMANDS)[number];

export interface Arguments {
  readonly command: Command | 'help';
  readonly names: readonly string[];
  readonly to: Instant | undefined;
  readonly at: Instant | undefined;
  readonly customer: string | undefined;
  readonly format: Format;
  readonly into: string | undefined;
  readonly stores: StoreUrls;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws WrongArguments */
export function readArguments(args: readonly string[], environment: Environment): Arguments {
  const { values, positionals } = parsed(args);
  const [named = 'help', ...names] = positionals;
  const command = values.help === true ? 'help' : commandNamed(named);
  checkNames(command, names);
  const settings = settingsOf(environment);
  return {
    command,
    names,
    to: time('--to', values.to),
    at: time('--at', values.at),
    customer: values.customer === undefined ? undefined : customerId(values.customer),
    format: formatNamed(values.format ?? 'table'),
    into: values.into,
    stores: {
      eventStore: values['event-store'] ?? settings.eventStoreUrl,
      readStore: values['read-store'] ?? settings.readStoreUrl,
    },
  };
}

function checkNames(command: Command | 'help', names: readonly string[]): void {
  switch (command) {
    case 'replay':
    case 'verify':
      names.forEach(customerId);
      return;
    case 'balance':
      requireCount(command, names, 1, 'a customer');
      names.forEach(customerId);
      return;
    case 'explain':
      requireCount(command, names, 2, 'a usage source and a usage id');
      return;
    case 'rebuild':
      requireCount(command, names, 0, 'no names');
      return;
    case 'help':
      return;
  }
}

function requireCount(command: Command, names: readonly string[], count: number, what: string): void {
  if (names.length !== count) throw new WrongArguments(`${command} needs ${what}, got ${names.length} names`);
}

function commandNamed(name: string): Command | 'help' {
  if (name === 'help') return name;
  const command = COMMANDS.find((candidate) => candidate === name);
  if (!command) throw new WrongArguments(`no such command: ${name}`);
  return command;
}

function formatNamed(name: string): Format {
  const format = FORMATS.find((candidate) => candidate === name);
  if (!format) throw new WrongArguments(`--format must be one of ${FORMATS.join(', ')}, got ${name}`);
  return format;
}

function time(option: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return instant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  } catch (error) {
    throw new WrongArguments(`${option}: ${error instanceof Error ? error.message : text}`);
  }
}

function customerId(text: string): string {
  if (!isCustomerId(text)) throw new WrongArguments(`not a customer id: ${JSON.stringify(text)}`);
  return text;
}

function settingsOf(environment: Environment) {
  try {
    return readSettings(environment);
  } catch (error) {
    if (error instanceof InvalidSettings) throw new WrongArguments(error.message);
    throw error;
  }
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        to: text,
        at: text,
        customer: text,
        format: text,
        into: text,
        'event-store': text,
        'read-store': text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}
