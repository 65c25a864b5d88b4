import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerContext } from './context.js';
import { DIALECTS } from './dialects.js';
import { filterOf } from './filter.js';
import type { LogRecord } from './log.js';
import { caughtUp, checkpoint, confirmation } from './messages.js';
import { bytesOf, eventBytes, type Sender } from './sender.js';

/** Records that the real server looks at for a page, unless the request says how many. */
const READ_PAGE = 32;

interface Following {
  readonly context: ServerContext;
  readonly sender: Sender;
  readonly passes: (record: LogRecord) => boolean;
  /** Records of a page. */
  readonly page: number;
  /** Records between two checkpoints. */
  readonly interval: number;
}

/** A subscription: what is there, "caught up", then what comes, with a checkpoint every so often. */
export async function follow(
  context: ServerContext,
  sender: Sender,
  options: ReadReq.Options,
): Promise<void> {
  const filter = options.getFilter();
  const page = filter?.hasMax() === true ? filter.getMax() : READ_PAGE;
  const interval = page * (filter?.getCheckpointintervalmultiplier() ?? 1);
  const following: Following = { context, sender, passes: filterOf(options), page, interval };
  await sender.send(bytesOf(confirmation()));
  const place = options.getAll()?.getPosition()?.getCommitPosition();
  const next = options.getAll()?.hasEnd()
    ? context.log.records.length
    : await catchUp(following, place === undefined ? undefined : BigInt(place));
  await sender.send(bytesOf(caughtUp()));
  await goOn(following, next);
}

/** @returns the index of the record that is to be sent next */
async function catchUp(
  { context: { log, version }, sender, passes, page, interval }: Following,
  after: bigint | undefined,
): Promise<number> {
  const dialect = DIALECTS[version];
  let index = after === undefined ? 0 : log.indexOf(after + 1n);
  let reached = after;
  let start: bigint | undefined;
  const pageEnd = () => ({ reached, start, logEnd: log.end });
  for (let considered = 1; index < log.records.length; index += 1, considered += 1) {
    const record = log.records[index];
    if (!record) break;
    if (considered % page === 1 || page === 1) start = record.position;
    if (passes(record)) {
      await sender.send(eventBytes(record));
      reached = record.position;
    }
    if (considered % interval !== 0) continue;
    reached = dialect.onTheWay(pageEnd());
    if (reached !== undefined) await sender.send(bytesOf(checkpoint(reached)));
  }
  const last = dialect.atEnd(pageEnd());
  if (last !== undefined) await sender.send(bytesOf(checkpoint(last)));
  return index;
}

async function goOn({ context: { log }, sender, passes, interval }: Following, from: number): Promise<void> {
  let considered = 0;
  for (let index = from; ;) {
    for (let record = log.records[index]; record; record = log.records[index]) {
      if (passes(record)) await sender.send(eventBytes(record));
      index += 1;
      considered += 1;
      if (considered % interval === 0) await sender.send(bytesOf(checkpoint(record.position)));
    }
    if (index === log.records.length) await more(sender.call, log);
    if (sender.call.cancelled) return;
  }
}

/** Resolves when something was written or the call is over. */
function more(call: Sender['call'], log: ServerContext['log']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unwatch();
      call.off('cancelled', done);
      resolve();
    };
    const unwatch = log.watch(done);
    call.on('cancelled', done);
  });
}
