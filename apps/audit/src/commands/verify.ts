import { ACCOUNT_STREAM_PREFIX, customerOfStream, isCustomerId } from '#contracts';
import type { Catalog } from '#domain';
import { pastDamage } from '#event-store';
import { bookRules, verifyAccount, verifyCatalog, type BookRules, type Finding } from '#read-side';
import type { Arguments } from '../arguments.js';
import { Progress } from '../output/progress.js';
import { printable } from '../output/rows.js';
import { EXIT, type Exit, type Run } from '../run.js';

interface Tally {
  accounts: number;
  findings: number;
}

/** Examines the catalog, and some accounts or every one, one at a time. */
export async function verify({ names }: Arguments, run: Run): Promise<Exit> {
  const progress = new Progress('verified', run.err, run.showProgress);
  const tally: Tally = { accounts: 0, findings: 0 };
  const rules = bookRules(await examineCatalog(tally, run, progress));
  if (names.length > 0) {
    for (const customerId of names) await verifyOne(customerId, rules, tally, run, progress);
  } else await verifyAll(rules, tally, run, progress);
  progress.done();
  const { accounts, findings } = tally;
  await run.out(
    `${accounts} ${accounts === 1 ? 'account' : 'accounts'}, ${progress.count} events: ` +
      `${findings === 0 ? 'everything adds up' : `${findings} findings`}\n`,
  );
  return findings === 0 ? EXIT.ok : EXIT.found;
}

/**
 * Passes over all events and examines each account where the first of it stands. An account that goes on meanwhile is
 * examined to where it ends then; its name is all that is kept of it.
 */
async function verifyAll(rules: BookRules, tally: Tally, run: Run, progress: Progress): Promise<void> {
  const examined = new Set<string>();
  const examine = async (stream: string): Promise<void> => {
    if (examined.has(stream)) return;
    examined.add(stream);
    const customerId = customerOfStream(stream);
    if (customerId === undefined) return;
    if (isCustomerId(customerId)) await verifyOne(customerId, rules, tally, run, progress);
    else {
      tally.findings += 1;
      await run.out(`${printable(stream)}: is no stream of an account\n`);
    }
  };
  const batches = pastDamage(
    (damaged) =>
      run.journal.readAll({
        streamPrefixes: [ACCOUNT_STREAM_PREFIX],
        ...(damaged && { after: damaged.position }),
      }),
    ({ stream }) => examine(stream),
  );
  for await (const batch of batches) for (const { stream } of batch) await examine(stream);
}

async function verifyOne(
  customerId: string,
  rules: BookRules,
  tally: Tally,
  run: Run,
  progress: Progress,
): Promise<void> {
  const { events, findings, findingCount } = await verifyAccount(run.journal, customerId, rules);
  tally.accounts += 1;
  tally.findings += findingCount;
  progress.add(events);
  if (events === 0 && findingCount === 0) {
    tally.findings += 1;
    await run.out(`${printable(customerId)}: has no account\n`);
  }
  await tellFindings(customerId, findings, findingCount, run);
}

/** A catalog that cannot be read is a finding; without it debits are not checked for their rounding. */
async function examineCatalog(tally: Tally, run: Run, progress: Progress): Promise<Catalog | undefined> {
  const { events, findings, findingCount, catalog } = await verifyCatalog(run.journal);
  progress.add(events);
  tally.findings += findingCount;
  await tellFindings('catalog', findings, findingCount, run);
  return catalog;
}

async function tellFindings(
  whose: string,
  findings: readonly Finding[],
  count: number,
  { out }: Run,
): Promise<void> {
  for (const { revision, check, message } of findings)
    await out(`${printable(whose)}: revision ${revision}: ${check}: ${printable(message)}\n`);
  if (count > findings.length)
    await out(`${printable(whose)}: and ${count - findings.length} findings more\n`);
}
