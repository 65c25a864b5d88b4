import { usageFingerprint } from '#contracts';
import {
  Amount,
  evolve,
  initialAccount,
  instantFromMs,
  type AccountCommand,
  type AccountState,
} from '#domain';
import { accountStream, CATALOG_STREAM, EMPTY_STREAM, openRecorded, seal } from '#journal';
import { emptyWorld, Model } from '../model/index.js';
import { DAY, FEATURES, HOUR, makeScenery, MINUTE, type Scenery } from './catalog.js';
import { CommandSource } from './command-source.js';
import { surroundingsIn } from './model-surroundings.js';
import { NO_FAULTS, type FaultRates } from './faults.js';
import { ledgerPicture } from './ledger-picture.js';
import { LedgerProcess } from './ledger-process.js';
import { Random } from './random.js';
import { observed } from './rules.js';
import { Stage } from './stage.js';
import { gone, toCome, type Surroundings } from './surroundings.js';

const CUSTOMERS = ['customer-1', 'customer-2'];
const PARTITIONS = 2;
/** Usage is reported at most so late: within the grace that every credit system of this scenery has. */
const LEAST_GRACE_MS = 20 * MINUTE;
const WEEK = 7 * DAY;
/**
 * Usage happens on half minutes and credits begin and end on whole ones. Within the tolerated difference of clocks
 * (5 s) before credits take effect an outage may shift a draw to them; docs/adr/0007 says so.
 */
const HALF_A_MINUTE = 30_000;

type Sent = Exclude<AccountCommand, { readonly type: 'Settle' }>;

interface Point {
  readonly at: number;
  readonly customerId: string;
  /** A command is carried out at once; usage goes into the stream and waits for a consumer. */
  readonly does: Sent;
  readonly produced: boolean;
}

export interface Script {
  readonly scenery: Scenery;
  readonly points: readonly Point[];
  /** From when until when no consumer runs. */
  readonly outage: readonly [number, number];
  readonly end: number;
}

/**
 * Commands that give, and usage that takes: what a consumer's outage must make no difference to. What asks for the
 * balance of the moment (synchronous use, holds, voids, reversals) is answered by that balance and is left out.
 */
export function makeScript(seed: number, length: number): Script {
  const random = new Random(seed);
  const scenery = makeScenery(random.fork(), { leastGraceMs: LEAST_GRACE_MS });
  const begin = Date.UTC(2026, random.between(0, 11), random.pick([1, 15, 28, 31]), random.pick([0, 1, 12]));
  const sources = new Map(
    CUSTOMERS.map((customerId) => [customerId, new CommandSource(random.fork(), scenery, false)]),
  );
  const models = new Map(CUSTOMERS.map((customerId) => [customerId, new Model(scenery.plain)]));
  const thereIs = (customerId: string) =>
    surroundingsIn(models.get(customerId)?.world ?? emptyWorld, { catalog: scenery.plain, now });
  const points: Point[] = [];
  const does = (point: Point) => {
    const at = new Date(point.at).toISOString();
    points.push(point);
    models.get(point.customerId)?.take(observed({ command: point.does, now: at, consumedThrough: at }));
  };
  const span = 5 * WEEK;
  let now = begin;
  for (let count = 0; count < length; count += 1) {
    // A whole minute, not before what was done last.
    now = Math.ceil(Math.max(now, points.at(-1)?.at ?? now) / MINUTE) * MINUTE;
    const customerId = random.pick(CUSTOMERS);
    const most = Math.floor((4 * span) / length);
    const [ahead = now] = toCome(thereIs(customerId), now, 1);
    now += random.oneIn(4) && ahead < now + most ? Math.ceil((ahead - now) / MINUTE) * MINUTE : 0;
    now += random.pick([0, 1, 60, random.between(0, most / MINUTE)]) * MINUTE;
    const there = thereIs(customerId);
    const command = giving(sources.get(customerId)?.command(now, there), now);
    const started = points.some((point) => point.customerId === customerId);
    if (command && (random.oneIn(4) || !started)) {
      does({ at: now, customerId, does: command, produced: false });
    } else if (started) {
      const usage = makeUsage(random, customerId, count, now + HALF_A_MINUTE, there);
      for (let times = random.oneIn(10) ? 2 : 1; times > 0; times -= 1) {
        does({ at: now + HALF_A_MINUTE, customerId, does: usage, produced: true });
      }
    }
  }
  const from = begin + random.between(1, 14) * DAY + random.between(0, 24) * HOUR;
  return { scenery, points, outage: [from, from + WEEK], end: Math.max(now + MINUTE, from + WEEK) };
}

/** A command that gives, and not from a moment on that has passed (one that is sent again may). */
function giving(command: Sent | undefined, now: number): Sent | undefined {
  if (command?.type === 'StartSubscription')
    return Date.parse(command.startsAt ?? '9999') < now ? undefined : command;
  if (command?.type === 'GrantCredits')
    return Date.parse(command.effectiveAt ?? '9999') < now ? undefined : command;
  const gives = ['ChangeSubscription', 'CancelSubscription', 'PurchaseCredits'];
  return command && gives.includes(command.type) ? command : undefined;
}

function makeUsage(
  random: Random,
  customerId: string,
  count: number,
  now: number,
  there: Surroundings,
): Sent {
  const before = gone(there, now)
    .map((at) => Math.floor(at / MINUTE) * MINUTE - HALF_A_MINUTE)
    .filter((at) => at > now - LEAST_GRACE_MS + 2 * MINUTE);
  const late = now - random.pick([0, 0, random.between(0, LEAST_GRACE_MS / MINUTE - 2)]) * MINUTE;
  const priced = there.features.map(({ feature }) => feature);
  const usage = {
    customerId,
    source: 'api',
    id: `u${count}`,
    feature: random.pick(priced.length > 0 && !random.oneIn(7) ? priced : Object.values(FEATURES).flat()),
    quantity: Amount.parse(random.pick([`${random.between(1, 30)}`, `${random.between(0, 9)}.5`])),
    time: instantFromMs(before.length > 0 && random.oneIn(2) ? random.pick(before) : late),
    dimensions: {},
  };
  const { source, id, feature, quantity, time, dimensions } = usage;
  const fingerprint = usageFingerprint(usage);
  return {
    type: 'RecordUsage',
    source,
    id,
    feature,
    quantity,
    time,
    dimensions,
    fingerprint,
    mode: 'metered',
  };
}

/** The same input with and without a week in which nothing is consumed. In words, where the balances differ. */
export async function compareOutage(seed: number, length: number): Promise<string | undefined> {
  return compareScript(makeScript(seed, length), seed);
}

export async function compareScript(script: Script, seed: number): Promise<string | undefined> {
  const rates = new Random(seed + 1).pick<FaultRates>([
    NO_FAULTS,
    { ambiguous: 10, eventStoreAway: 20, readStoreAway: 20, deadLettersAway: 5, slowAnswer: 5 },
  ]);
  const steady = await play(script, seed, rates, false);
  const interrupted = await play(script, seed, rates, true);
  for (const name of new Set([...Object.keys(steady), ...Object.keys(interrupted)])) {
    const [without = '0', within = '0'] = [steady[name], interrupted[name]];
    if (without !== within) return `${name}: ${without} without the outage, ${within} with it`;
  }
  return undefined;
}

type Balances = Readonly<Record<string, string>>;

async function play(script: Script, seed: number, rates: FaultRates, outage: boolean): Promise<Balances> {
  const {
    scenery,
    points,
    outage: [from, until],
    end,
  } = script;
  const random = new Random(seed + 2);
  const stage = new Stage(random.fork(), points[0]?.at ?? end, PARTITIONS);
  const { sealed } = seal(CATALOG_STREAM, EMPTY_STREAM, scenery.events);
  const at = stage.instant();
  await stage.append(CATALOG_STREAM, -1, sealed, { now: at, consumedThrough: at });
  const ledger = await LedgerProcess.start('ledger', stage, random.fork());
  stage.workers.push(ledger);
  stage.faults.rates = rates;

  const consumeAll = async () => {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      while (committed(stage, partition) < stage.stream.log(partition).length) {
        await insist(stage, () => ledger.consume(partition, 5));
      }
    }
  };
  const look = async () => {
    await insist(stage, () => ledger.routine());
    for (const customerId of CUSTOMERS)
      await insist(stage, () => ledger.execute(customerId, { type: 'Settle' }));
  };
  await insist(stage, () => ledger.routine());
  for (const point of points) {
    stage.time = point.at;
    if (!point.produced) await insist(stage, () => ledger.execute(point.customerId, point.does));
    else produce(stage, point);
    if (outage && from <= point.at && point.at < until) {
      if (random.oneIn(3)) await look();
    } else {
      await consumeAll();
      if (random.oneIn(3)) await look();
    }
  }
  const balances: Record<string, string> = {};
  for (const pause of [0, 3 * HOUR, 40 * DAY]) {
    stage.time = end + pause;
    await consumeAll();
    await look();
    Object.assign(balances, await balancesOf(stage, `${pause / HOUR} hours after the end`));
  }
  ledger.kill();
  await stage.gates.kill(ledger, stage.workers);
  return balances;
}

/** Does something again and again until it is done, however often it fails. */
async function insist<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    let done: { readonly result: T } | undefined;
    let over = false;
    void work()
      .then(
        (result) => (done = { result }),
        () => undefined,
      )
      .finally(() => (over = true));
    await stage.gates.quiet(stage.workers);
    while (!isOver()) if (!(await stage.gates.openOne(stage.workers))) await stage.gates.quiet(stage.workers);
    for (const append of stage.late.splice(0)) await append();
    if (done) return done.result;
    function isOver(): boolean {
      return over;
    }
  }
  throw new Error('it is never done');
}

function committed(stage: Stage, partition: number): number {
  return Number(stage.stream.committed('ledger').get(partition) ?? 0n);
}

function produce(stage: Stage, { customerId, does }: Point): void {
  if (does.type !== 'RecordUsage') return;
  const { id, source, time, feature, quantity } = does;
  const event = { specversion: '1.0', type: 'usage.recorded', id, source, subject: customerId, time };
  stage.stream.produce({
    partition: CUSTOMERS.indexOf(customerId) % PARTITIONS,
    key: Buffer.from(customerId),
    value: Buffer.from(JSON.stringify({ ...event, data: { feature, quantity: quantity.toString() } })),
  });
}

/** Balances by name. What rolled over counts with what it came from: late usage finds it in the one or the other. */
async function balancesOf(stage: Stage, when: string): Promise<Balances> {
  const balances: Record<string, string> = {};
  for (const customerId of CUSTOMERS) {
    let state: AccountState = initialAccount;
    for await (const batch of stage.eventStore.readStream(accountStream(customerId))) {
      state = batch.map(openRecorded).reduce((folded, { event }) => evolve(folded, event), state);
    }
    const wallets = ledgerPicture(state, [], new Map(), stage.instant());
    for (const [
      wallet,
      { available, included, promotional, purchased, pendingExpiry, blocked, billable, grants },
    ] of Object.entries(wallets)) {
      const totals = { available, included, promotional, purchased, pendingExpiry, blocked, billable };
      for (const [name, value] of Object.entries(totals)) {
        balances[`${when}, ${customerId}, ${wallet}, ${name}`] = value;
      }
      for (const [id, { available: left, consumed, expired }] of Object.entries(grants)) {
        const family = `${when}, ${customerId}, ${wallet}, ${id.replace(/\/rollover$/, '')}`;
        for (const [name, value] of Object.entries({ left, consumed, expired })) {
          const before = Amount.parse(balances[`${family}, ${name}`] ?? '0');
          balances[`${family}, ${name}`] = before.plus(Amount.parse(value)).toString();
        }
        balances[`${when}, ${customerId}, ${wallet}, ${id}, left in it`] = left;
      }
    }
  }
  return balances;
}
