import { parseArgs } from 'node:util';
import { isCustomerId } from '#contracts';
import { instant, type Instant } from '#domain';
import { InvalidSettings, readSettings, storeUrlProblem, withoutPassword } from '#platform';
import { COMMANDS, type Command } from './command.js';
import { checkOptions } from './command-options.js';
import { FORMATS, type Format } from './output/rows.js';
import type { StoreUrls } from './stores.js';
import { WrongArguments } from './wrong-arguments.js';

export interface Arguments {
  readonly command: Command | 'help';
  readonly names: readonly string[];
  readonly to: Instant | undefined;
  readonly at: Instant | undefined;
  readonly customer: string | undefined;
  readonly format: Format;
  readonly into: string | undefined;
  readonly stores: StoreUrls;
  readonly checkpoint: CheckpointArguments;
  readonly deadLetters: DeadLetterArguments;
}

interface CheckpointArguments {
  /** PEM files. */
  readonly key: string | undefined;
  readonly publicKey: string | undefined;
}

export interface DeadLetterArguments {
  readonly brokers: readonly string[] | undefined;
  /** The usage topic. */
  readonly topic: string;
  /** `topic/partition/offset`; none given: of any origin. */
  readonly origins: readonly string[];
  readonly reason: string | undefined;
  readonly limit: number | undefined;
  readonly all: boolean;
  readonly dryRun: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws WrongArguments */
export function readArguments(args: readonly string[], environment: Environment): Arguments {
  const { values, positionals } = parsed(args);
  const [named = 'help', ...names] = positionals;
  const command = values.help === true ? 'help' : commandNamed(named);
  if (command !== 'help') {
    checkNames(command, names);
    checkOptions(command, names, Object.keys(values));
  }
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
      eventStore: storeUrl('--event-store', values['event-store']) ?? settings.eventStoreUrl,
      readStore: storeUrl('--read-store', values['read-store']) ?? settings.readStoreUrl,
    },
    checkpoint: { key: values.key ?? settings.checkpointKey, publicKey: values['public-key'] },
    deadLetters: {
      brokers: settings.kafkaBrokers,
      topic: values.topic ?? settings.usageTopic,
      origins: (values.origin ?? []).map(origin),
      reason: values.reason,
      limit: values.limit === undefined ? undefined : count('--limit', values.limit),
      all: values.all ?? false,
      dryRun: values['dry-run'] ?? false,
    },
  };
}

function checkNames(command: Command, names: readonly string[]): void {
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
    case 'checkpoint':
      if (names.length > 0 && (names[0] !== 'verify' || names.length !== 2))
        throw new WrongArguments(`checkpoint needs nothing, or verify and a file, got ${names.join(' ')}`);
      return;
    case 'dead-letters':
      if (names.length !== 1 || (names[0] !== 'list' && names[0] !== 'resend'))
        throw new WrongArguments(`dead-letters needs list or resend, got ${names.join(' ') || 'neither'}`);
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

function storeUrl(option: '--event-store' | '--read-store', text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const problem = storeUrlProblem(option === '--event-store' ? 'event store' : 'read store', text);
  if (problem === undefined) return text;
  throw new WrongArguments(`${option} ${problem}, got ${JSON.stringify(withoutPassword(text))}`);
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

function origin(text: string): string {
  if (/^[a-zA-Z0-9._-]+\/\d+\/\d+$/.test(text)) return text;
  throw new WrongArguments(`--origin must look like topic/partition/offset, got ${text}`);
}

function count(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new WrongArguments(`${option} must be a whole number from 1 on, got ${text}`);
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
        key: text,
        'public-key': text,
        topic: text,
        origin: { ...text, multiple: true },
        reason: text,
        limit: text,
        all: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        'event-store': text,
        'read-store': text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}
