import { readFileSync } from 'node:fs';
import {
  byStream,
  checkpointDigest,
  checkpointText,
  readCheckpoint,
  readPublicKey,
  readSigningKey,
  signCheckpoint,
  type Checkpoint,
} from '#contracts';
import { systemClock } from '#platform';
import type { Arguments } from '../arguments.js';
import { ChainWalk } from '../checkpoint/chain-walk.js';
import { checkpointFaults, HeadComparison } from '../checkpoint/verification.js';
import { Progress } from '../output/progress.js';
import { printable } from '../output/rows.js';
import { EXIT, type Exit, type Run } from '../run.js';
import { WrongArguments } from '../wrong-arguments.js';

/** Findings are told one by one, but not without end. */
const MAX_TOLD = 100;

/** Takes a checkpoint over all streams, or checks the ledger against one taken earlier. */
export async function checkpoint({ names, checkpoint: files }: Arguments, run: Run): Promise<Exit> {
  const [action, file = ''] = names;
  return action === 'verify' ? verifyCheckpoint(file, files.publicKey, run) : takeCheckpoint(files.key, run);
}

/** Of a ledger whose chains are whole; of any other there is none, and it is told what is broken. */
async function takeCheckpoint(keyFile: string | undefined, run: Run): Promise<Exit> {
  const key = keyFile === undefined ? undefined : readSigningKey(contentOf(keyFile));
  const progress = new Progress('passed', run.err, run.showProgress);
  const walk = new ChainWalk(run.journal);
  let faults = 0;
  const tell = (fault: string): void => {
    faults += 1;
    if (faults <= MAX_TOLD) run.err(`${printable(fault)}\n`);
  };
  for await (const batch of walk.events(({ message }) => tell(message))) {
    for (const { stream, revision, fault } of batch) {
      if (fault !== undefined) tell(`${stream}: revision ${revision}: ${fault}`);
    }
    progress.add(batch.length);
  }
  progress.done();
  if (faults > 0) {
    run.err(
      `${faults} faults: no checkpoint is taken of a broken chain; npm run audit -- verify says more\n`,
    );
    return EXIT.found;
  }
  const heads = Array.from(walk.heads, ([stream, head]) => ({ stream, ...head })).sort(byStream);
  const summary = {
    takenAt: systemClock.now(),
    position: walk.position?.toString() ?? 'none',
    streams: heads.length,
    digest: checkpointDigest(heads),
  };
  const signature = key ? signCheckpoint(summary, key) : null;
  for (const piece of checkpointText({ ...summary, signature, heads })) await run.out(piece);
  return EXIT.ok;
}

async function verifyCheckpoint(file: string, publicKeyFile: string | undefined, run: Run): Promise<Exit> {
  const trusted = publicKeyFile === undefined ? undefined : readPublicKey(contentOf(publicKeyFile));
  const taken = readCheckpoint(contentOf(file));
  let findings = 0;
  const tell = async (what: string): Promise<void> => {
    findings += 1;
    if (findings <= MAX_TOLD) await run.out(`${printable(what)}\n`);
  };
  for (const fault of checkpointFaults(taken, trusted)) await tell(`checkpoint: ${fault}`);

  const progress = new Progress('passed', run.err, run.showProgress);
  const walk = new ChainWalk(run.journal);
  const comparison = new HeadComparison(taken);
  for await (const batch of walk.events(({ message }) => tell(message))) {
    for (const event of batch) {
      const where = `${event.stream}: revision ${event.revision}`;
      if (event.fault !== undefined) await tell(`${where}: ${event.fault}`);
      const changed = comparison.fault(event);
      if (changed !== undefined) await tell(`${where}: ${changed}`);
    }
    progress.add(batch.length);
  }
  for (const { stream, fault } of comparison.missing(walk.heads)) await tell(`${stream}: ${fault}`);
  progress.done();

  if (findings > MAX_TOLD) await run.out(`and ${findings - MAX_TOLD} findings more\n`);
  remarks(taken, publicKeyFile, run);
  await run.out(
    `${taken.streams} streams as of ${taken.takenAt}, ${walk.heads.size} now: ` +
      `${findings === 0 ? 'every one passes through its head of then' : `${findings} findings`}\n`,
  );
  return findings === 0 ? EXIT.ok : EXIT.found;
}

/** What an auditor must know of what was not checked. */
function remarks({ signature }: Checkpoint, publicKeyFile: string | undefined, { err }: Run): void {
  if (publicKeyFile !== undefined) return;
  err(
    signature
      ? `signed with ${signature.publicKey}; only --public-key can tell whose key that is\n`
      : 'the checkpoint is not signed: it is worth as much as the place it was kept in\n',
  );
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : file);
  }
}
