import { isDeepStrictEqual } from 'node:util';
import {
  evolve,
  identityOf,
  initialAccount,
  later,
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  type Grant,
} from '#domain';
import { ACCOUNT_STREAM_PREFIX, accountStream, openRecorded, type JournaledEvent } from '#journal';
import { ACCOUNTS_PROJECTOR, bookRules, Projector, verifyAccount } from '#read-side';
import { dumpedReadStore, openMemoryReadStore } from '#read-store/testing';
import {
  decideOn,
  emptyWorld,
  isPaidWithCredits,
  type Answer,
  picture,
  recompute,
  type Observed,
  type PlainCommand,
  type World,
} from '../model/index.js';
import type { Reading } from './faulty-stores.js';
import { brokenConservation, brokenInvariant, ledgerPicture } from './ledger-picture.js';
import { firstDifference } from './rules.js';
import { sentKey, type Produced, type System } from './system.js';

/** Everything that must be true once a system has come to rest; the first thing that is not, in words. */
export async function broken(system: System): Promise<string | undefined> {
  if (system.failure !== undefined) return `a defect: ${describe(system.failure)}`;
  if (system.waiting > 0) return `${system.waiting} messages or requests are still waiting`;
  for (const customerId of [...system.customers, 'nobody']) {
    const events = await readAll(system, customerId);
    const wrong = await brokenAccount(system, customerId, events);
    if (wrong) return `${customerId}: ${wrong}`;
  }
  return (await brokenProjection(system)) ?? (await unaccounted(system));
}

async function readAll({ stage }: System, customerId: string): Promise<readonly JournaledEvent[]> {
  const events: JournaledEvent[] = [];
  for await (const batch of stage.eventStore.readStream(accountStream(customerId))) {
    events.push(...batch.map(openRecorded));
  }
  return events;
}

async function brokenAccount(
  system: System,
  customerId: string,
  journaled: readonly JournaledEvent[],
): Promise<string | undefined> {
  const { stage, scenery } = system;
  const verification = await verifyAccount(stage.eventStore, customerId, bookRules(scenery.catalog));
  const [finding] = verification.findings;
  if (finding) return `revision ${finding.revision}, ${finding.check}: ${finding.message}`;
  const events = journaled.map(({ event }) => event);
  const twice = brokenInvariant(events);
  if (twice) return twice;
  let state = initialAccount;
  for (const event of events) {
    state = evolve(state, event);
    const unbalanced = brokenConservation(state);
    if (unbalanced) return unbalanced;
  }
  return (
    brokenModel(system, customerId, events, state) ??
    brokenAnswers(system, customerId, journaled) ??
    (await brokenRow(system, customerId, journaled, state))
  );
}

/** The model, fed with what was decided and when, must come to the same account. */
function brokenModel(
  system: System,
  customerId: string,
  events: readonly AccountEvent[],
  state: AccountState,
): string | undefined {
  const history = historyOf(system, customerId, events);
  if (typeof history === 'string') return history;
  const { world, answers, worlds } = recompute(system.scenery.plain, history);
  const refused = answers.findIndex(({ kind }) => kind !== 'done' && kind !== 'nothing');
  if (refused >= 0)
    return `the model answers ${JSON.stringify(answers[refused])} to ${JSON.stringify(history[refused])}`;
  if (state.recordedThrough === null) return undefined;
  const at = later(state.recordedThrough, system.now());
  return (
    firstDifference(ledgerPicture(state, events, new Map(), at), picture(world, Date.parse(at))) ??
    unjustRefusal(system, customerId, history, worlds) ??
    misplaced(system, customerId, events)
  );
}

/**
 * Whoever was refused must have been refused for a reason: the model, asked at some moment between question and
 * answer, says the same.
 */
function unjustRefusal(
  { answered, scenery }: System,
  customerId: string,
  history: readonly Decided[],
  worlds: readonly World[],
): string | undefined {
  for (const { command, outcome, between, readings, ...answer } of answered) {
    if (answer.customerId !== customerId) continue;
    if (outcome.kind !== 'rejected' && outcome.kind !== 'notCreditMetered') continue;
    const said: Answer =
      outcome.kind === 'rejected' ? { kind: 'rejected', reason: outcome.reason } : { kind: outcome.kind };
    if (outcome.kind === 'rejected' && outcome.reason === 'IDEMPOTENCY_KEY_REUSED') continue;
    const plain = plainCommand(command);
    const [from, to] = between;
    const meanwhile = history.flatMap(({ first, last }, index) =>
      first <= to && last >= from ? [worlds[index] ?? emptyWorld] : [],
    );
    const before = history.findLastIndex(({ last }) => last <= from);
    const candidates = [worlds[before] ?? emptyWorld, ...meanwhile];

    const just = distinct(readings).some(({ now, consumedThrough }) =>
      candidates.some((world) =>
        isDeepStrictEqual(
          decideOn(world, { command: plain, now, consumedThrough }, scenery.plain).answer,
          said,
        ),
      ),
    );
    if (just) continue;
    const [reading] = readings;
    const instead =
      reading && decideOn(candidates[0] ?? emptyWorld, { command: plain, ...reading }, scenery.plain).answer;
    return `${command.type} ${identityOf(command) ?? ''} was answered ${JSON.stringify(said)} between revisions ${from} and ${to}; the model answers ${JSON.stringify(instead)}`;
  }
  return undefined;
}

/** Usage that reached the stream within the grace burns when it happened, however late it is consumed. */
function misplaced(
  { produced, scenery }: System,
  customerId: string,
  events: readonly AccountEvent[],
): string | undefined {
  const arrived = new Map<string, number>();
  for (const { command, at, ...each } of produced) {
    const key = `${identityOf(command) ?? ''} ${command.fingerprint}`;
    // The last time counts: what was sent again may have been refused the first time.
    if (each.customerId === customerId) arrived.set(key, at);
  }
  for (const event of events) {
    if ((event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') || event.cause.kind !== 'usage')
      continue;
    const key = `${identityOf(event.cause) ?? ''} ${event.cause.fingerprint}`;
    const at = arrived.get(key);
    const grace = scenery.plain.creditSystems[event.creditSystem]?.lateUsageGraceMs ?? 0;
    if (at === undefined || event.usage.mode !== 'metered') continue;
    const { occurredAt, recordedAt, usage } = event;
    const expected = occurredAt < recordedAt ? occurredAt : recordedAt;
    if (Date.parse(occurredAt) >= at - grace && usage.placedAt !== expected) {
      return `${key} happened at ${occurredAt} and was produced in time, but burned at ${usage.placedAt}`;
    }
  }
  return undefined;
}

/** A command that was decided, with the revisions of the append it went into. */
interface Decided extends Observed {
  readonly first: number;
  readonly last: number;
}

/** Which commands were decided, in which order, by which clock: out of the appends as they reached the store. */
function historyOf(
  system: System,
  customerId: string,
  events: readonly AccountEvent[],
): readonly Decided[] | string {
  const history: Decided[] = [];
  for (const append of system.stage.appended) {
    if (append.stream !== accountStream(customerId)) continue;
    const own = events.slice(append.first, append.first + append.events);
    const { now, consumedThrough, first } = append;
    const moment = { now, consumedThrough, first, last: first + append.events - 1 };
    const done = new Set<string>();
    for (const event of own) {
      const { cause } = event;
      if (cause.kind === 'settlement') continue;
      const identity = identityOf(cause) ?? '';
      if (done.has(identity)) continue;
      done.add(identity);
      const mode = 'usage' in event && 'mode' in event.usage ? event.usage.mode : undefined;
      const command = system.sent.get(sentKey(customerId, identity, cause.fingerprint, mode));
      if (!command) return `nobody ever sent ${identity} with fingerprint ${cause.fingerprint}`;
      history.push({ command: plainCommand(command), ...moment });
    }
    // What the scheduler had settled; behind a command it finds nothing more to settle.
    if (own.at(-1)?.cause.kind === 'settlement') history.push({ command: { type: 'Settle' }, ...moment });
  }
  return history;
}

/** What a client was told must stand in the stream. */
function brokenAnswers(
  system: System,
  customerId: string,
  journaled: readonly JournaledEvent[],
): string | undefined {
  for (const { command, outcome, ...answer } of system.answered) {
    if (answer.customerId !== customerId || (outcome.kind !== 'applied' && outcome.kind !== 'duplicate'))
      continue;
    const identity = identityOf(command);
    const revision = outcome.kind === 'duplicate' ? outcome.revision : outcome.events[0]?.revision;
    const there = revision === undefined ? undefined : journaled[revision]?.event;
    if (!there || identityOf(there.cause) !== identity) {
      return `${command.type} ${identity ?? ''} was answered ${outcome.kind} at revision ${revision}, where it is not`;
    }
  }
  return undefined;
}

/** The read store's row must be the fold of the stream. */
async function brokenRow(
  system: System,
  customerId: string,
  journaled: readonly JournaledEvent[],
  state: AccountState,
): Promise<string | undefined> {
  const { readStore } = system.stage;
  const last = journaled.at(-1);
  const row = (await readStore.accounts([customerId])).get(customerId);
  if (!last) return row && 'the read store has an account that has no events';
  if (!row) return 'the read store has no row';
  if (row.revision !== last.revision || row.headHash !== last.hash) {
    return `the read store is at revision ${row.revision}, the stream at ${last.revision}`;
  }
  const closed = new Map<string, Grant[]>();
  for (const { creditSystem, grant } of (await readStore.closedGrants(customerId)).rows) {
    closed.set(creditSystem, [...(closed.get(creditSystem) ?? []), grant]);
  }
  const events = journaled.map(({ event }) => event);
  const at = later(state.recordedThrough ?? system.now(), system.now());
  const different = firstDifference(
    ledgerPicture(row.state, events, closed, at),
    ledgerPicture(state, events, new Map(), at),
  );
  return different && `read store (called ledger) and fold of the stream (called model): ${different}`;
}

/** A read store built anew must be the same, row for row. */
async function brokenProjection({ stage }: System): Promise<string | undefined> {
  const anew = openMemoryReadStore();
  const stop = new AbortController();
  const done = new Projector({ eventStore: stage.eventStore, readStore: anew, maxBatch: 50 }).run(
    stop.signal,
  );
  let end = 0n;
  for await (const batch of stage.eventStore.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })) {
    end = batch.at(-1)?.position ?? end;
  }
  while (((await anew.checkpoint(ACCOUNTS_PROJECTOR)) ?? 0n) < end) await turn();
  stop.abort();
  await done;
  const [live, rebuilt] = [await dumpedReadStore(stage.readStore), await dumpedReadStore(anew)];
  const at = live.findIndex((line, index) => line !== rebuilt[index]);
  const index = at >= 0 ? at : live.length;
  if (at < 0 && live.length === rebuilt.length) return undefined;
  return `the read store has ${live[index] ?? 'nothing'}, built anew ${rebuilt[index] ?? 'nothing'}`;
}

/** Every message of the stream is debited, a dead letter, or of a feature that nobody pays for with credits. */
async function unaccounted(system: System): Promise<string | undefined> {
  const { stage, produced } = system;
  const letters = new Set(stage.deadLetters());
  const debited = new Map<string, Set<string>>();
  const worlds = new Map<string, World>();
  for (const customerId of new Set(produced.map((each) => each.customerId))) {
    const ids = new Set<string>();
    const journaled = await readAll(system, customerId);
    for (const { event } of journaled) {
      if (event.cause.kind === 'usage')
        ids.add(`${identityOf(event.cause) ?? ''} ${event.cause.fingerprint}`);
    }
    debited.set(customerId, ids);
    // A start that was sent again when its moment had passed gives a price to usage that was consumed without one.
    const backDated = journaled.some(
      ({ event }) => event.type === 'SubscriptionStarted' && event.startsAt < event.recordedAt,
    );
    if (backDated) continue;
    const history = historyOf(
      system,
      customerId,
      journaled.map(({ event }) => event),
    );
    if (typeof history === 'string') return history;
    worlds.set(customerId, recompute(system.scenery.plain, history).world);
  }
  for (const { customerId, command, origin } of produced) {
    const there = debited.get(customerId)?.has(`${identityOf(command) ?? ''} ${command.fingerprint}`);
    if (there === true || letters.has(origin)) continue;
    if (!system.steadyPrices || !wasPaid(worlds.get(customerId), command)) continue;
    return `usage ${command.source} ${command.id} of ${customerId} (${command.feature}) is neither debited nor a dead letter`;
  }
  return undefined;
}

/** Whether the usage had a price all the while in which it may have been consumed. */
function wasPaid(world: World | undefined, { feature, time }: Produced['command']): boolean {
  const happened = Date.parse(time);
  return (
    world !== undefined && [happened - 15_000, happened].every((at) => isPaidWithCredits(world, feature, at))
  );
}

function distinct(readings: readonly Reading[]): readonly Reading[] {
  return [...new Map(readings.map((each) => [`${each.now} ${each.consumedThrough}`, each])).values()];
}

function plainCommand(command: AccountCommand): PlainCommand {
  return JSON.parse(JSON.stringify(command)) as PlainCommand;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
