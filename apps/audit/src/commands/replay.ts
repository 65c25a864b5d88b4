import {
  ACCOUNT_STREAM_PREFIX,
  accountStream,
  CATALOG_STREAM,
  decodeEvent,
  readLink,
  type ChainLink,
  type LedgerEvent,
} from '#contracts';
import type { Balance, Cause } from '#domain';
import type { RecordedEvent } from '#event-store';
import { corrupt } from '#journal';
import type { Arguments } from '../arguments.js';
import { Progress } from '../output/progress.js';
import { rowWriter, type Column } from '../output/rows.js';
import { EXIT, type Exit, type Run } from '../run.js';

interface Replayed {
  readonly recorded: RecordedEvent;
  readonly event: LedgerEvent;
  readonly link: ChainLink;
}

/** Every event of some accounts, or of everything, up to a recorded time. */
export async function replay({ names, to, format }: Arguments, run: Run): Promise<Exit> {
  const rows = rowWriter(format, COLUMNS, json, run.out);
  const progress = new Progress('replayed', run.err, run.showProgress);
  await rows.begin();
  const unknown: string[] = [];
  for (const source of names.length > 0 ? names : [undefined]) {
    const before = progress.count;
    for await (const batch of eventsOf(source, run)) {
      for (const recorded of batch) {
        const replayed = opened(recorded);
        // All streams share the total order but not the clocks: only within one account may the reading end here.
        if (to === undefined || replayed.event.recordedAt <= to) await rows.row(replayed);
      }
      progress.add(batch.length);
    }
    if (source !== undefined && progress.count === before) unknown.push(source);
  }
  progress.done();
  for (const customerId of unknown) run.err(`customer ${JSON.stringify(customerId)} has no account\n`);
  return unknown.length > 0 ? EXIT.found : EXIT.ok;
}

function eventsOf(customerId: string | undefined, { journal }: Run): AsyncIterable<readonly RecordedEvent[]> {
  return customerId === undefined
    ? journal.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX, CATALOG_STREAM] })
    : journal.readStream(accountStream(customerId));
}

function opened(recorded: RecordedEvent): Replayed {
  const { type, data, metadata } = recorded;
  try {
    return { recorded, event: decodeEvent(type, data), link: readLink(metadata) };
  } catch (error) {
    throw corrupt(recorded, error);
  }
}

const COLUMNS: readonly Column<Replayed>[] = [
  { title: 'recorded at', width: 24, text: ({ event }) => event.recordedAt },
  { title: 'stream', width: 20, text: ({ recorded }) => recorded.stream },
  { title: 'revision', width: 8, align: 'right', text: ({ recorded }) => String(recorded.revision) },
  { title: 'event', width: 22, text: ({ event }) => event.type },
  { title: 'wallet', width: 12, text: ({ event }) => ('creditSystem' in event ? event.creditSystem : '') },
  { title: 'amount', width: 14, align: 'right', text: ({ event }) => amountOf(event) },
  { title: 'included', width: 12, align: 'right', text: ({ event }) => balanceOf(event, 'included') },
  { title: 'purchased', width: 12, align: 'right', text: ({ event }) => balanceOf(event, 'purchased') },
  { title: 'promotional', width: 12, align: 'right', text: ({ event }) => balanceOf(event, 'promotional') },
  { title: 'held', width: 10, align: 'right', text: ({ event }) => balanceOf(event, 'held') },
  { title: 'cause', width: 24, text: ({ event }) => causeText(event.cause) },
  { title: 'occurred at', width: 24, text: ({ event }) => event.occurredAt },
];

/** The event's own amount; of usage, what it cost. */
function amountOf(event: LedgerEvent): string {
  if (event.type === 'UsageUncovered') return event.uncovered.toString();
  if ('usage' in event && 'amount' in event.usage) return event.usage.amount.toString();
  return 'amount' in event ? event.amount.toString() : '';
}

function balanceOf(event: LedgerEvent, kind: keyof Balance): string {
  return 'balance' in event ? event.balance[kind].toString() : '';
}

function causeText(cause: Cause): string {
  switch (cause.kind) {
    case 'usage':
      return `usage ${cause.source} ${cause.id}`;
    case 'command':
      return cause.actor === undefined ? `command ${cause.key}` : `command ${cause.key} by ${cause.actor}`;
    case 'settlement':
      return 'settlement';
  }
}

/** The stored JSON is put in as it stands, so that nothing of it is lost. */
function json({ recorded, link: { hash, previous } }: Replayed): string {
  const { stream, revision, position, id, type, data, storedAtMs } = recorded;
  const head = JSON.stringify({
    stream,
    revision,
    position: position.toString(),
    eventId: id,
    storedAt: new Date(storedAtMs).toISOString(),
    type,
    previousHash: previous,
    hash,
  });
  return `${head.slice(0, -1)},"event":${Buffer.from(data).toString()}}`;
}
