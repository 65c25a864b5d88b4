import {
  ACCOUNT_STREAM_PREFIX,
  CATALOG_STREAM,
  customerOfStream,
  decodeCatalogEvent,
  GENESIS_HASH,
  linkFault,
  readLink,
} from '#contracts';
import { LiveCatalog } from '#journal';
import { bookRules, verifyAccount, type BookRules, type Finding } from '#read-side';
import type { Arguments } from '../arguments.js';
import { Progress } from '../output/progress.js';
import { printable } from '../output/rows.js';
import { EXIT, type Exit, type Run } from '../run.js';

interface Tally {
  accounts: number;
  findings: number;
}

/** Examines some accounts, or the catalog and every account, one at a time. */
export async function verify({ names }: Arguments, run: Run): Promise<Exit> {
  const progress = new Progress('verified', run.err, run.showProgress);
  const tally: Tally = { accounts: 0, findings: 0 };
  const readable = names.length > 0 || (await verifyCatalog(tally, run, progress));
  const rules = bookRules(readable ? await new LiveCatalog(run.journal).refresh() : NO_CATALOG);
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

/** A catalog that cannot be read is a finding; without it debits are not checked for their rounding. */
const NO_CATALOG = { creditSystems: {}, plans: {}, answers: {} };

/**
 * Every account begins with revision 0, so passing over all events finds each account once, whatever their number;
 * an event whose stream does not begin with 0 belongs to no account that is examined, and the counts tell.
 */
async function verifyAll(rules: BookRules, tally: Tally, run: Run, progress: Progress): Promise<void> {
  let passed = 0;
  const before = progress.count;
  for await (const batch of run.journal.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })) {
    passed += batch.length;
    for (const { stream, revision } of batch) {
      const customerId = customerOfStream(stream);
      if (revision === 0 && customerId !== undefined)
        await verifyOne(customerId, rules, tally, run, progress);
    }
  }
  const examined = progress.count - before;
  if (examined >= passed) return;
  tally.findings += 1;
  await run.out(`${passed - examined} events stand in streams that do not begin with revision 0\n`);
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
  if (events === 0) {
    tally.findings += 1;
    await run.out(`${printable(customerId)}: has no account\n`);
  }
  for (const finding of findings) await run.out(`${printable(customerId)}: ${findingText(finding)}\n`);
  if (findingCount > findings.length) {
    await run.out(`${printable(customerId)}: and ${findingCount - findings.length} findings more\n`);
  }
}

function findingText({ revision, check, message }: Finding): string {
  return `revision ${revision}: ${check}: ${printable(message)}`;
}

/** The catalog's one stream: its chain, its revisions, and that it can be read. False: its events cannot be. */
async function verifyCatalog(tally: Tally, run: Run, progress: Progress): Promise<boolean> {
  let previous = GENESIS_HASH;
  let revision = -1;
  let readable = true;
  for await (const batch of run.journal.readStream(CATALOG_STREAM)) {
    for (const recorded of batch) {
      const faults: string[] = [];
      if (recorded.revision !== revision + 1) faults.push(`revision: follows ${revision}`);
      revision = recorded.revision;
      const broken = linkFault(previous, recorded);
      if (broken !== undefined) faults.push(`chain: ${broken}`);
      try {
        previous = readLink(recorded.metadata).hash;
        decodeCatalogEvent(recorded.type, recorded.data);
      } catch (error) {
        readable = false;
        faults.push(`unreadable: ${error instanceof Error ? error.message : String(error)}`);
      }
      tally.findings += faults.length;
      for (const fault of faults) await run.out(`catalog: revision ${revision}: ${printable(fault)}\n`);
    }
    progress.add(batch.length);
  }
  return readable;
}
