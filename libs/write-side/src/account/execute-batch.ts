import { identityOf, mayNeedHistory, type AccountCommand, type History, type Rejection } from '#domain';
import {
  AppendTooLarge,
  EventStoreUnavailable,
  splitBySize,
  UNIT_LIMIT_BYTES,
  WrongExpectedRevision,
  type EventStore,
} from '#event-store';
import { accountStream, knowsTermsOf, type LiveCatalog } from '#journal';
import type { Clock, Metrics } from '#platform';
import type { ReadStore } from '#read-store';
import type { UsageHorizon } from '../usage/usage-horizon.js';
import type { AccountLoader } from './account-loader.js';
import { backOff } from './back-off.js';
import { decideBatch, type DecidedBatch, type Identified, type Verdict } from './decide-batch.js';
import { historyFor } from './history.js';
import type { LoadedAccount } from './loaded-account.js';
import { ConflictRetriesUsedUp, type Outcome, type PlacedEvent } from './outcome.js';
import type { RememberedIds } from './remembered-ids.js';
import type { Submission } from './submission.js';
import type { Unit } from './unit-chain.js';
import { yieldToEventLoop } from './yield-to-event-loop.js';

/** Everything a batch needs besides its commands. */
export interface ExecutionParts {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly loader: AccountLoader;
  readonly ids: RememberedIds;
  readonly catalog: LiveCatalog;
  readonly horizon: UsageHorizon;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const MAX_CONFLICTS = 30;

/** What became of a batch. */
export interface ExecutedBatch {
  /**
   * Those of each submission, durable. Undefined stands for a command that was not decided because nobody waited for
   * it any more, or that failed.
   */
  readonly outcomes: (Outcome | undefined)[][];
  /** What kept commands from their outcomes: ConflictRetriesUsedUp, or what the stores throw when they are away. */
  readonly error: unknown;
}

/**
 * Executes commands of one account in order: load, recall ids, decide, append at the exact revision. A conflict
 * (somebody else appended) reads the tail, looks for the ids again and decides again. An error ends it: what is durable by
 * then has its outcome all the same.
 * A store that takes less at once than stores do is found out by its refusal: what is left then is made smaller.
 * (An append under way when nobody waits any more is no harm: at its exact revision it lands only where nobody, who
 * might have been answered otherwise, has gone past.)
 */
export async function executeBatch(
  customerId: string,
  batch: readonly Submission[],
  parts: ExecutionParts,
): Promise<ExecutedBatch> {
  const pending: Pending[] = [];
  const ends = batch.map((submission) => {
    const { signal } = submission;
    for (const command of submission.commands())
      pending.push({ command, signal, index: pending.length, identity: identityOf(command) });
    return pending.length;
  });
  const outcomes = new Array<Outcome | undefined>(pending.length).fill(undefined);
  let error: unknown;
  try {
    for (const together of decidedTogether(pending)) {
      await executeTogether(customerId, together, outcomes, parts);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { outcomes: ends.map((end, at) => outcomes.slice(ends[at - 1] ?? 0, end)), error };
}

/** Runs of commands that go into one append; one that needs the account's past is decided by itself. */
function decidedTogether(commands: readonly Pending[]): (readonly Pending[])[] {
  if (commands.length === 0) return [];
  if (!commands.some(({ command }) => mayNeedHistory(command))) return [commands];
  const runs: Pending[][] = [];
  let run: Pending[] = [];
  for (const each of commands) {
    const alone = mayNeedHistory(each.command);
    if (alone || run.length === 0) runs.push((run = []));
    run.push(each);
    if (alone) run = [];
  }
  return runs;
}

/** Fills in the outcomes of these commands, at their places. */
async function executeTogether(
  customerId: string,
  commands: readonly Pending[],
  outcomes: (Outcome | undefined)[],
  parts: ExecutionParts,
): Promise<void> {
  let open = commands;
  let headIsRead = false;
  let limitBytes = UNIT_LIMIT_BYTES;
  for (let conflicts = 0; ;) {
    const account = parts.loader.find(customerId) ?? (await parts.loader.load(customerId));
    // Whoever refuses looks twice: at the end of the stream, and whether the catalog has news. One after the other:
    // when one fails the other must not go on, and move the account while the next batch is decided.
    if (headIsRead) {
      await parts.loader.catchUp(account);
      await parts.catalog.refresh();
    }
    const { batch, decided } = await decidePending(account, open, limitBytes, parts);
    // An append at the exact revision proves that nothing was missed of the account; a batch that appends nothing has to
    // look, and so has one that found nothing in the catalog.
    const proves =
      batch.units.length > 0
        ? !batch.verdicts.some(misses)
        : batch.verdicts.every(({ kind }) => kind === 'duplicate');
    if (!proves && !headIsRead) {
      headIsRead = true;
      continue;
    }
    const written: Written = { events: [], complete: false, tooLarge: undefined };
    try {
      await appendUnits(account, batch.units, limitBytes, written, parts);
    } finally {
      settleOutcomes(outcomes, decided, batch, written, account);
    }
    if (written.complete) {
      const answered = batch.verdicts.length;
      if (decided.some(({ index }, at) => at < answered && !outcomes[index])) unanswered(customerId);
      if (batch.isLarge) await yieldToEventLoop();
      if (answered === decided.length) return;
      open = decided.slice(answered);
      conflicts = 0;
      continue;
    }
    open = open.filter(({ index }) => !outcomes[index]);
    if (written.tooLarge) {
      limitBytes = lowered(limitBytes, written.tooLarge);
      continue;
    }
    conflicts += 1;
    if (conflicts > MAX_CONFLICTS) throw new ConflictRetriesUsedUp(customerId, conflicts);
    headIsRead = true;
    await backOff(conflicts);
  }
}

/** @throws the refusal, when it does not name a lower limit: what is decided again would be refused again */
function lowered(limitBytes: number, refusal: AppendTooLarge): number {
  if (refusal.limitBytes > 0 && refusal.limitBytes < limitBytes) return refusal.limitBytes;
  throw refusal;
}

/** A command that has no outcome yet. */
interface Pending extends Identified {
  /** Aborts when nobody waits for its outcome any more. */
  readonly signal: AbortSignal | undefined;
  /** Its place among the commands. */
  readonly index: number;
}

interface DecidedPending {
  readonly batch: DecidedBatch;
  /** Those that the batch decides, in its order, and behind them those for which it was too much. */
  readonly decided: readonly Pending[];
}

async function decidePending(
  account: LoadedAccount,
  pending: readonly Pending[],
  limitBytes: number,
  parts: ExecutionParts,
): Promise<DecidedPending> {
  const { head } = account;
  const identities: string[] = [];
  for (const { identity } of pending) if (identity !== null) identities.push(identity);
  const seen = await parts.ids.find(account, identities);
  const histories = new Map<AccountCommand, History>();
  for (const { command, identity } of pending) {
    // Usage never does, and there is much of it; what was answered before is not decided again.
    if (!mayNeedHistory(command) || seen.has(identity ?? '')) continue;
    const history = await historyFor(command, account, parts);
    if (history) histories.set(command, history);
  }
  if (!knowsTermsOf(parts.catalog.current, account.state)) await parts.catalog.refresh();
  // What was looked up is true of the account as it was then; an append at a later revision would not prove it.
  if (account.head !== head) return decidePending(account, pending, limitBytes, parts);
  const now = parts.clock.now();
  // The last look before what is decided here is appended: everything that takes time is behind us.
  const decided = pending.some(isGivenUp) ? pending.filter((each) => !isGivenUp(each)) : pending;
  const start = { after: account.state, head: account.head };
  const batch = decideBatch(accountStream(account.customerId), start, decided, {
    now,
    usageConsumedThrough: parts.horizon.consumedThrough(now),
    catalog: parts.catalog.current,
    seen,
    histories,
    limitBytes,
  });
  return { batch, decided };
}

function isGivenUp({ signal }: Pending): boolean {
  return signal?.aborted === true;
}

/** Nothing else is refused for want of news of the catalog: what an account uses, it knows (see `knowsTermsOf`). */
function misses(verdict: Verdict): boolean {
  return (
    verdict.kind === 'rejected' &&
    (verdict.reason === 'PLAN_UNKNOWN' || verdict.reason === 'CREDIT_SYSTEM_UNKNOWN')
  );
}

interface Written {
  /** Events of each command that are in the store now, at its index within the batch. */
  readonly events: (PlacedEvent[] | undefined)[];
  /** False: a conflict, a refusal or an error kept the rest of the units out. */
  complete: boolean;
  /** The store's refusal of the next unit, which is one append by itself. */
  tooLarge: AppendTooLarge | undefined;
}

/** Fills in what it has written, so that it is known also when it fails. */
async function appendUnits(
  account: LoadedAccount,
  units: readonly Unit[],
  limitBytes: number,
  written: Written,
  { eventStore, loader, metrics }: ExecutionParts,
): Promise<void> {
  const stream = accountStream(account.customerId);
  let next = 0;
  const appends = splitBySize(sealedOf(units), limitBytes);
  for (let append = appends.shift(); append; append = appends.shift()) {
    try {
      await eventStore.append(stream, account.head.revision, append);
    } catch (error) {
      if (error instanceof WrongExpectedRevision) {
        metrics.appends.inc({ result: 'conflict' });
        return;
      }
      if (error instanceof AppendTooLarge) {
        if (append.length === units[next]?.sealed.length) {
          written.tooLarge = error;
          return;
        }
        appends.splice(0, Infinity, ...splitBySize(sealedOf(units.slice(next)), smaller(error)));
        continue;
      }
      // Ambiguous: what is in memory may lag behind what was written. Nothing written: what is in memory is true.
      if (!(error instanceof EventStoreUnavailable)) loader.forget(account.customerId);
      throw error;
    }
    metrics.appends.inc({ result: 'ok' });
    metrics.appendedEvents.inc(append.length);
    const carried: Unit[] = [];
    for (let left = append.length; left > 0; next++) {
      const unit = units[next];
      if (!unit) throw new Error(`${stream}: an append of ${append.length} events carried unknown ones`);
      carried.push(unit);
      left -= unit.events.length;
    }
    follow(account, carried, written.events);
  }
  written.complete = true;
}

function sealedOf(units: readonly Unit[]): Unit['sealed'][] {
  return units.map(({ sealed }) => sealed);
}

/** A limit that what was refused is above, also where the store counts otherwise than we do, or names no limit. */
function smaller({ bytes, limitBytes }: AppendTooLarge): number {
  return limitBytes < bytes ? limitBytes : bytes / 2;
}

/** Moves the account in memory past units that were appended, and notes where their events stand now. */
function follow(
  account: LoadedAccount,
  appended: readonly Unit[],
  placed: (PlacedEvent[] | undefined)[],
): void {
  let { revision } = account.head;
  for (const { events, command } of appended) {
    const here = events.map((event): PlacedEvent => ({ revision: ++revision, event }));
    if (command === undefined) continue;
    const before = placed[command];
    if (before) before.push(...here);
    else placed[command] = here;
  }
  account.advance(appended);
}

function settleOutcomes(
  outcomes: (Outcome | undefined)[],
  decided: readonly Pending[],
  { verdicts }: DecidedBatch,
  written: Written,
  account: LoadedAccount,
): void {
  verdicts.forEach((verdict, index) => {
    const outcome = outcomeOf(verdict, index, written, account);
    const place = decided[index];
    if (outcome && place) outcomes[place.index] = outcome;
  });
}

/** Undefined while the outcome is not known to be true: after a conflict, decide again. */
function outcomeOf(
  verdict: Verdict,
  index: number,
  written: Written,
  { customerId, head: { revision: at } }: LoadedAccount,
): Outcome | undefined {
  switch (verdict.kind) {
    case 'duplicate':
      return { kind: 'duplicate', revision: verdict.of.revision };
    case 'duplicateWithin': {
      const first = written.events[verdict.of]?.[0];
      return first && { kind: 'duplicate', revision: first.revision };
    }
    case 'appends': {
      const events = written.events[index];
      if (events) return { kind: 'applied', events, revision: events.at(-1)?.revision ?? at };
      // Settlement alone, for a command that caused nothing of its own.
      return written.complete ? { kind: 'applied', events: [], revision: at } : undefined;
    }
    case 'appendsNothing':
      return written.complete ? { kind: 'applied', events: [], revision: at } : undefined;
    case 'notCreditMetered':
      return written.complete ? { ...verdict, revision: at } : undefined;
    case 'rejected':
      return written.complete ? named(verdict, customerId) : undefined;
  }
}

/** The domain does not know whose account it decides about. */
function named(refusal: Rejection, customerId: string): Rejection {
  if (refusal.reason !== 'CUSTOMER_UNKNOWN') return refusal;
  const message = `customer ${JSON.stringify(customerId)} has no account: ${refusal.message}`;
  return { ...refusal, message };
}

function unanswered(customerId: string): never {
  throw new Error(`account ${customerId}: a command was left without an outcome`);
}
