import { isDeepStrictEqual } from 'node:util';
import {
  decide,
  evolve,
  identityOf,
  instantFromMs,
  needsHistory,
  withoutClosedGrants,
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  type Decision,
  type DecisionContext,
  type History,
  type Seen,
} from '#domain';
import { initialAccount } from '#domain';
import {
  Model,
  picture,
  type Answer,
  type Observed,
  type PlainCommand,
  type WalletPicture,
  type World,
} from '../model/index.js';
import { DAY, HOUR, makeScenery, MINUTE, type Scenery } from './catalog.js';
import { CommandSource } from './command-source.js';
import { brokenConservation, brokenInvariant, ledgerPicture } from './ledger-picture.js';
import { surroundingsIn } from './model-surroundings.js';
import { Random } from './random.js';
import { toCome, type Surroundings } from './surroundings.js';
import type { Tally } from './tally.js';

/** A command and the moment at which it is decided. */
export interface Step {
  readonly command: AccountCommand;
  readonly now: string;
  readonly consumedThrough: string;
}

/** Where the ledger's rules and the model's part. */
export interface Difference {
  readonly step: number;
  readonly what: string;
}

export interface RulesRun {
  readonly scenery: Scenery;
  readonly steps: readonly Step[];
  /** What the model says of each step, where it was asked already. */
  readonly said?: readonly Said[];
}

interface Said {
  readonly answer: Answer;
  readonly world: World;
}

/** One account's life out of a seed: commands, and clocks that mostly go forward. */
export function makeRun(seed: number, length: number): RulesRun {
  const random = new Random(seed);
  const scenery = makeScenery(random.fork(), { leastGraceMs: 0 });
  const source = new CommandSource(random.fork(), scenery);
  const model = new Model(scenery.plain);
  let now = Date.UTC(2026, random.between(0, 11), random.pick([1, 15, 28, 31]), random.pick([0, 1, 12]));
  let consumed = now;
  const steps: Step[] = [];
  const said: Said[] = [];
  for (let count = 0; count < length; count += 1) {
    const before = surroundingsIn(model.world, { catalog: scenery.plain, now });
    now += passing(random, now, before);
    // Mostly consumption keeps up; sometimes it stands still for a while.
    if (!random.oneIn(4)) consumed = now;
    const there = surroundingsIn(model.world, { catalog: scenery.plain, now });
    const kind = random.weighted({ usage: there.features.length > 0 ? 4 : 1, command: 7, settle: 1 });
    const command: AccountCommand =
      kind === 'usage'
        ? source.usage(now, there)
        : kind === 'command'
          ? source.command(now, there)
          : { type: 'Settle' };
    const step = { command, now: iso(now), consumedThrough: iso(consumed) };
    steps.push(step);
    said.push({ answer: model.take(observed(step)), world: model.world });
  }
  return { scenery, steps, said };
}

/** Mostly forward, and often to an instant at which something happens by itself, or a millisecond beside it. */
function passing(random: Random, now: number, there: Surroundings): number {
  const ahead = toCome(there, now);
  switch (
    random.weighted({
      none: 9,
      moment: 2,
      minutes: 4,
      toTheHour: 1,
      hours: 2,
      days: 1,
      weeks: ahead.length > 0 && !random.oneIn(3) ? 0 : 1,
      back: 1,
      instant: ahead.length > 0 ? 6 : 0,
    })
  ) {
    case 'none':
      return 0;
    case 'moment':
      return random.between(1, 10_000);
    case 'minutes':
      return random.between(1, 30) * MINUTE;
    case 'toTheHour':
      return HOUR;
    case 'hours':
      return random.between(1, 24) * HOUR;
    case 'days':
      return random.between(1, 9) * DAY;
    case 'weeks':
      return random.between(10, 45) * DAY;
    case 'back':
      return -random.pick([1, 5000, 10 * MINUTE, 2 * HOUR]);
    case 'instant':
      return random.pick(ahead) - now + random.pick([-1, 0, 0, 0, 1]);
  }
}

/** Decides every step by the ledger's rules and by the model's and compares what they say and what is left. */
export function compareRules(run: RulesRun, tally?: Tally): Difference | undefined {
  const { scenery, steps } = run;
  const said = run.said ?? ask(run);
  const ledger = new Account(scenery);
  for (const [step, each] of steps.entries()) {
    const wrong = ledger.take(each);
    if (wrong) return { step, what: wrong };
    const expected = said[step];
    tally?.count(each.command.type, inShort(ledger.answer));
    if (!isDeepStrictEqual(ledger.answer, expected?.answer)) {
      return {
        step,
        what: `the ledger answers ${JSON.stringify(ledger.answer)}, the model ${JSON.stringify(expected?.answer)}`,
      };
    }
    const at = ledger.state.recordedThrough;
    if (at === null || !expected) continue;
    const what = firstDifference(
      ledgerPicture(ledger.state, ledger.events, new Map(), at),
      picture(expected.world, Date.parse(at)),
    );
    if (what) return { step, what };
  }
  const broken = brokenInvariant(ledger.events);
  return broken === undefined ? undefined : { step: steps.length - 1, what: broken };
}

function ask({ scenery, steps }: RulesRun): readonly Said[] {
  const model = new Model(scenery.plain);
  return steps.map((step) => ({ answer: model.take(observed(step)), world: model.world }));
}

/** The account as the ledger's rules make it, once with everything it ever had and once as a snapshot keeps it. */
class Account {
  state: AccountState = initialAccount;
  #snapshot: AccountState = initialAccount;
  readonly events: AccountEvent[] = [];
  readonly #seen = new Map<string, Seen>();
  answer: Answer = { kind: 'nothing' };

  constructor(private readonly scenery: Scenery) {}

  /** Something is wrong in itself, whatever the model says. */
  take({ command, now, consumedThrough }: Step): string | undefined {
    const identity = command.type === 'Settle' ? null : identityOf(command);
    const seen = identity === null ? undefined : this.#seen.get(identity);
    const context: DecisionContext = {
      now: instantFromMs(Date.parse(now)),
      usageConsumedThrough: instantFromMs(Date.parse(consumedThrough)),
      catalog: this.scenery.catalog,
      ...(seen && { seen }),
    };
    const decision = this.#decide(this.#snapshot, command, context);
    const whole = this.#decide(this.state, command, context);
    if (JSON.stringify(decision) !== JSON.stringify(whole)) return 'a snapshot leads to another decision';
    this.answer = answerOf(decision);
    if (decision.kind !== 'decided') return undefined;
    for (const event of [...decision.settlement, ...decision.events]) {
      if (
        identity !== null &&
        command.type !== 'Settle' &&
        event.cause.kind !== 'settlement' &&
        !this.#seen.has(identity)
      ) {
        this.#seen.set(identity, { fingerprint: command.fingerprint, revision: this.events.length });
      }
      this.state = evolve(this.state, event);
      this.#snapshot = withoutClosedGrants(evolve(this.#snapshot, event));
      this.events.push(event);
    }
    const broken = brokenConservation(this.state);
    if (broken) return broken;
    if (JSON.stringify(withoutClosedGrants(this.state)) !== JSON.stringify(this.#snapshot)) {
      return 'folding from a snapshot differs from folding from the start';
    }
    const again = this.#decide(this.#snapshot, { type: 'Settle' }, context);
    const more = again.kind === 'decided' ? again.settlement.map(({ type }) => type) : [again.kind];
    // What could not be paid is not asked for again in the same breath, but in the next.
    const failed = command.type === 'ReportTopUpPayment' && command.outcome === 'failed';
    const allowed = failed ? ['AutoTopUpRequested', 'AutoTopUpStopped'] : [];
    if (more.some((type) => !allowed.includes(type))) return 'settling again at once settles more';
    return undefined;
  }

  #decide(state: AccountState, command: AccountCommand, context: DecisionContext): Decision {
    let history: History = {};
    for (;;) {
      const need = needsHistory(state, command, history);
      if (!need) return decide(state, command, { ...context, history });
      switch (need.kind) {
        case 'debit':
          history = { ...history, debit: this.events.filter((event) => isDebitOf(need, event)) };
          break;
        case 'closedGrants':
          history = {
            ...history,
            closedGrants: (this.state.wallets[need.creditSystem]?.closed ?? []).filter(({ grantId }) =>
              need.grantIds.includes(grantId),
            ),
          };
          break;
        case 'hold':
          history = {
            ...history,
            holdClosed: this.events.some(
              (event) => event.type === 'HoldPlaced' && event.holdId === need.holdId,
            ),
          };
      }
    }
  }
}

type DebitEvent = NonNullable<History['debit']>[number];

function isDebitOf(
  usage: { readonly source: string; readonly id: string },
  event: AccountEvent,
): event is DebitEvent {
  if (event.type === 'DebitReversed')
    return event.usage.source === usage.source && event.usage.id === usage.id;
  if (event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') return false;
  return event.cause.kind === 'usage' && event.cause.source === usage.source && event.cause.id === usage.id;
}

function answerOf(decision: Decision): Answer {
  switch (decision.kind) {
    case 'rejected':
      return { kind: 'rejected', reason: decision.reason };
    case 'decided':
      return { kind: decision.settlement.length + decision.events.length > 0 ? 'done' : 'nothing' };
    case 'duplicate':
    case 'notCreditMetered':
      return { kind: decision.kind };
  }
}

function inShort(answer: Answer): string {
  return answer.kind === 'rejected' ? answer.reason : answer.kind;
}

/** In words, where two accounts differ. Undefined: nowhere. */
export function firstDifference(
  ledger: Readonly<Record<string, WalletPicture>>,
  model: Readonly<Record<string, WalletPicture>>,
  path = '',
): string | undefined {
  for (const name of new Set([...Object.keys(ledger), ...Object.keys(model)])) {
    const [left, right]: unknown[] = [ledger[name], model[name]];
    if (isDeepStrictEqual(left, right)) continue;
    const at = path === '' ? name : `${path} → ${name}`;
    const deeper = isRecord(left) && isRecord(right) ? firstDifference(left, right, at) : undefined;
    return deeper ?? `${at}: the ledger has ${JSON.stringify(left)}, the model ${JSON.stringify(right)}`;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, WalletPicture> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same difference with as few commands as it needs. */
export function shrink(run: RulesRun, length: number): RulesRun {
  let steps = run.steps.slice(0, length);
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length;) {
      const fewer = [...steps.slice(0, from), ...steps.slice(from + size)];
      const differs = fewer.length > 0 && differsSomewhere({ scenery: run.scenery, steps: fewer });
      if (differs) steps = fewer;
      else from += size;
    }
  }
  return { scenery: run.scenery, steps };
}

function differsSomewhere(run: RulesRun): boolean {
  try {
    return compareRules(run) !== undefined;
  } catch {
    return true;
  }
}

/** The step as the model reads it. */
export function observed({ command, now, consumedThrough }: Step): Observed {
  return { command: JSON.parse(JSON.stringify(command)) as PlainCommand, now, consumedThrough };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
