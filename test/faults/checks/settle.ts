import { setTimeout as delay } from 'node:timers/promises';
import { openEventStore, openReadStore } from '#adapters';
import { instantFromMs } from '#domain';
import type { EventStore } from '#event-store';
import type { ReadStore } from '#read-store';
import { prove } from '../../demo/prove.js';
import type { Stage } from '../stage/stage.js';
import type { Produced } from '../traffic/produced.js';
import { CREDIT_SYSTEM } from '../traffic/setup.js';
import { runAuditTool } from './audit-tool.js';
import { compareDeadLetters, consumed } from './kafka.js';
import { compareWithTruth, costsByCustomer, readTruth, type LedgerTruth } from './ledger-truth.js';
import { accountedFor, outcomesInWords, outcomesOf, type Outcomes } from './outcomes.js';
import { compareWithRebuild, projected, verifyAccounts } from './read-side.js';

/** How long everything that waits may take, once all servers are there and nothing new arrives. */
const QUIET_WITHIN_MS = 180_000;

export interface Settled {
  /** What is wrong; empty: nothing. */
  readonly faults: readonly string[];
  readonly outcomes: Outcomes;
  /** `audit verify` and `audit rebuild` both ended with status 0. */
  readonly auditClean: boolean;
}

/**
 * Waits until nothing is left to be done and then holds the ledger to everything it promises. What is checked:
 * each produced event once or refused by rule (from the journal itself), the dead letters, the public histories
 * (`prove`), the second set of books on every account, the read store against a rebuild, the audit tool, and that
 * no process saw a defect or ended by itself.
 */
export async function settleAndCheck(stage: Stage, produced: Produced): Promise<Settled> {
  await stage.untilReady();
  await within('usage on Kafka to be consumed', () => consumed(stage.brokers, stage.topic));
  const eventStore = openEventStore(stage.eventStoreUrl, { readonly: true });
  const readStore = await openReadStore(stage.readStoreUrl, { readonly: true });
  try {
    await within('everything that is due to be recorded', () => settled(eventStore, readStore, produced));
    const truth = await readTruth(eventStore);
    const letters = await compareDeadLetters(stage.brokers, stage.topic, produced);
    const outcomes = outcomesOf(produced, truth, letters.kept);
    const readSide = await checkReadSide(stage, produced, truth, eventStore, readStore);
    const audit = await runAuditTool(stage);
    const faults = [
      ...produced.surprises,
      ...compareWithTruth(produced, truth),
      ...letters.faults,
      ...(accountedFor(outcomes) === outcomes.produced ? [] : [outcomesInWords(outcomes)]),
      ...readSide,
      ...audit,
      ...(await checkProcesses(stage)),
    ];
    const after = await readTruth(eventStore);
    if (after.position !== truth.position)
      faults.push('the journal grew although nothing was left to be done');
    return { faults, outcomes, auditClean: audit.length === 0 };
  } finally {
    await readStore.close();
    await eventStore.close();
  }
}

/** Nothing is due any more, and nothing that was granted will fall due: the journal stands still from here on. */
async function settled(
  eventStore: EventStore,
  readStore: ReadStore,
  { grants }: Produced,
): Promise<true | string> {
  const now = instantFromMs(Date.now());
  const later = grants.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt > now);
  if (later.length > 0) return `${later.length} grants expire only later`;
  const behind = await projected(readStore, await readTruth(eventStore));
  if (behind !== true) return behind;
  const due = await readStore.due({ now, usageHorizons: { [CREDIT_SYSTEM]: now }, limit: 10 });
  return due.length === 0 || `due at ${now}: ${JSON.stringify(due)}`;
}

async function checkReadSide(
  stage: Stage,
  produced: Produced,
  truth: LedgerTruth,
  eventStore: EventStore,
  readStore: ReadStore,
): Promise<string[]> {
  const query = stage.queries.find(({ running }) => running);
  if (!query) throw new Error('no query process runs');
  const books = await prove(query.grpcAddress, CREDIT_SYSTEM, costsByCustomer(produced), () => undefined);
  return [
    ...books.faults,
    ...(await verifyAccounts(query.grpcAddress, truth)),
    ...(await compareWithRebuild(eventStore, readStore, truth, stage.folder)),
  ];
}

async function checkProcesses({ slots }: Stage): Promise<string[]> {
  const faults = slots.flatMap(({ unasked }) => unasked);
  for (const slot of slots.filter(({ running }) => running)) {
    const complaint = await slot.defect();
    if (complaint !== undefined) faults.push(`${slot.name} is not healthy: ${complaint}`);
  }
  return faults;
}

/** @throws Error with what it last said, when it never comes true */
async function within(what: string, holds: () => Promise<true | string>): Promise<void> {
  const deadline = Date.now() + QUIET_WITHIN_MS;
  for (;;) {
    const answer = await holds();
    if (answer === true) return;
    if (Date.now() > deadline) throw new Error(`waited ${QUIET_WITHIN_MS} ms for ${what}: ${answer}`);
    await delay(200);
  }
}
