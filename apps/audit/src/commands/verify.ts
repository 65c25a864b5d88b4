import { ACCOUNT_STREAM_PREFIX, CATALOG_STREAM, customerOfStream, isCustomerId } from '#contracts';
import { pastDamage, type Position } from '#event-store';
import {
  bookRules,
  verifyAccount,
  verifyCatalog,
  type BookRules,
  type CatalogVerification,
  type Check,
  type Finding,
} from '#read-side';
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
  const { catalog, damagedAt } = await examineCatalog(tally, run, progress);
  const rules = bookRules(catalog);
  if (names.length > 0) {
    for (const customerId of names) await verifyOne(customerId, rules, tally, run, progress);
  } else await verifyAll(rules, new Set(damagedAt), tally, run, progress);
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
 * examined to where it ends then; its name is all that is kept of it, and the places of what is damaged.
 */
async function verifyAll(
  rules: BookRules,
  told: Set<Position>,
  tally: Tally,
  run: Run,
  progress: Progress,
): Promise<void> {
  const examined = new Set<string>();
  const examine = async (stream: string): Promise<void> => {
    if (examined.has(stream)) return;
    examined.add(stream);
    const customerId = customerOfStream(stream);
    if (customerId === undefined) return;
    if (isCustomerId(customerId)) {
      for (const position of await verifyOne(customerId, rules, tally, run, progress)) told.add(position);
    } else {
      tally.findings += 1;
      await run.out(`${printable(stream)}: is no stream of an account\n`);
    }
  };
  const batches = pastDamage(
    (damaged) =>
      run.journal.readAll({
        streamPrefixes: [ACCOUNT_STREAM_PREFIX, CATALOG_STREAM],
        ...(damaged && { after: damaged.position }),
      }),
    async ({ stream, revision, position, why }) => {
      await examine(stream);
      if (!told.delete(position)) await tellOutside(stream, revision, 'unreadable', why, tally, run);
    },
  );
  for await (const batch of batches) {
    for (const { stream, revision, position } of batch) {
      await examine(stream);
      if (revision >= 0) continue;
      const message = `what is stored at position ${position} stands before the beginning of its stream`;
      await tellOutside(stream, revision, 'revision', message, tally, run);
    }
  }
}

/** What reading its stream from revision 0 does not meet. */
async function tellOutside(
  stream: string,
  revision: number,
  check: Check,
  message: string,
  tally: Tally,
  run: Run,
): Promise<void> {
  const whose = stream === CATALOG_STREAM ? 'catalog' : customerOfStream(stream);
  // A prefix may fit streams that are none of the ledger's.
  if (whose === undefined) return;
  tally.findings += 1;
  await tellFindings(whose, [{ revision, check, message }], 1, run);
}

/** @returns where what is damaged of the account stands */
async function verifyOne(
  customerId: string,
  rules: BookRules,
  tally: Tally,
  run: Run,
  progress: Progress,
): Promise<readonly Position[]> {
  const verification = await verifyAccount(run.journal, customerId, rules);
  const { events, findings, findingCount, damagedAt } = verification;
  tally.accounts += 1;
  tally.findings += findingCount;
  progress.add(events);
  if (events === 0 && findingCount === 0) {
    tally.findings += 1;
    await run.out(`${printable(customerId)}: has no account\n`);
  }
  await tellFindings(customerId, findings, findingCount, run);
  return damagedAt;
}

/** A catalog that cannot be read is a finding; without it debits are not checked for their rounding. */
async function examineCatalog(tally: Tally, run: Run, progress: Progress): Promise<CatalogVerification> {
  const verification = await verifyCatalog(run.journal);
  const { events, findings, findingCount } = verification;
  progress.add(events);
  tally.findings += findingCount;
  await tellFindings('catalog', findings, findingCount, run);
  return verification;
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
