import { writeFile } from 'node:fs/promises';
import { apply } from './apply.js';
import { ApplyStopped } from './apply-stopped.js';
import { readArguments, USAGE, WrongArguments, type Arguments } from './arguments.js';
import { CallFailed, connectCatalog, ServiceAway, type CatalogClient } from './catalog-client.js';
import { diff } from './diff.js';
import { exportCatalog, UnknownPlans } from './export.js';
import { FaultyPlanFile, openPlanFile } from './plan-source.js';

/** How a run ends, for scripts. */
export const EXIT = { ok: 0, different: 1, wrong: 2, away: 3 } as const;

/** Where the tool writes, and what it knows of its surroundings. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs one subcommand; the answer is the status to end with. Nothing that can be foreseen is thrown. */
export async function runCatalog(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let client: CatalogClient | undefined;
  try {
    const options = readArguments(args, surroundings.environment);
    if (options.command === 'help') {
      surroundings.out(USAGE);
      return EXIT.ok;
    }
    client = connectCatalog(options.address);
    if (options.command === 'export') return await runExport(client, options, surroundings);
    return await runPlanFile(client, options, surroundings);
  } catch (error) {
    return failed(error, surroundings);
  } finally {
    client?.close();
  }
}

async function runPlanFile(
  client: CatalogClient,
  { command, names, publish, actor }: Arguments,
  { out }: Surroundings,
): Promise<number> {
  const source = await openPlanFile(names[0] ?? '');
  const outcome =
    command === 'apply'
      ? await apply(source, client, { publish, actor })
      : await diff(source, client, { publish });
  for (const line of outcome.lines) out(`${line}\n`);
  if (!outcome.changed) out('nothing to change: the catalog says what the file says\n');
  return command === 'diff' && outcome.changed ? EXIT.different : EXIT.ok;
}

async function runExport(
  client: CatalogClient,
  { names, published, output }: Arguments,
  { out, err }: Surroundings,
): Promise<number> {
  const { text, notes } = await exportCatalog(client, names, published);
  if (output === undefined) out(text);
  else await writeFile(output, text);
  for (const note of notes) err(`note: ${note}\n`);
  return EXIT.ok;
}

function failed(error: unknown, { err }: Surroundings): number {
  if (error instanceof FaultyPlanFile) {
    for (const line of error.lines) err(`${line}\n`);
    err('nothing was changed\n');
    return EXIT.wrong;
  }
  if (error instanceof ApplyStopped) {
    for (const line of error.lines) err(`${line}\n`);
    return error.cause instanceof ServiceAway ? EXIT.away : EXIT.wrong;
  }
  if (error instanceof WrongArguments) err(`${error.message}\n\n${USAGE}`);
  else if (isForeseen(error)) err(`${error.message}\n`);
  else throw error;
  return error instanceof ServiceAway ? EXIT.away : EXIT.wrong;
}

/** Refused by the service, or by the file system when writing the export. */
function isForeseen(error: unknown): error is { readonly message: string } {
  return (
    error instanceof ServiceAway ||
    error instanceof CallFailed ||
    error instanceof UnknownPlans ||
    (typeof error === 'object' && error !== null && 'syscall' in error && 'message' in error)
  );
}
