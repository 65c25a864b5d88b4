import { askedIn, askForTopUps, awaited, configureAutoTopUp, reportTopUpPayment } from './auto-top-up.js';
import { cancelSubscription, changeSubscription, startSubscription, type Refusal } from './subscriptions.js';
import { grantCredits, voidGrant } from './grants.js';
import { captureHold, placeHold, releaseHold } from './holds.js';
import { purchaseCredits } from './purchases.js';
import { available, noticeLowLimits } from './low-limit.js';
import type { PlainCatalog, PlainCommand } from './plain.js';
import { reverseDebit } from './reversals.js';
import { settle } from './settlement.js';
import { recordUsage } from './usage.js';
import { emptyWorld, remainder, type Grant, type Moment, type World } from './world.js';
import { sum, text, type Units } from './units.js';

/** A command as it was decided: what it was, the clock of who decided it, and how far usage had been consumed. */
export interface Observed {
  readonly command: PlainCommand;
  readonly now: string;
  readonly consumedThrough: string;
}

/** What the model says becomes of a command. */
export type Answer =
  | { readonly kind: 'done' }
  /** Nothing happened that anybody would have to remember. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'notCreditMetered' }
  | { readonly kind: 'rejected'; readonly reason: string };

export interface Recomputed {
  readonly world: World;
  /** In the order of the commands: what became of each, and the account behind it. */
  readonly answers: readonly Answer[];
  readonly worlds: readonly World[];
}

/**
 * The whole history of one account, computed from the beginning out of its commands: no events, no snapshots,
 * nothing carried over from anything the ledger wrote.
 */
export function recompute(
  catalog: PlainCatalog,
  history: readonly Observed[],
  clockSkewMs = 5000,
): Recomputed {
  const model = new Model(catalog, clockSkewMs);
  const answers: Answer[] = [];
  const worlds: World[] = [];
  for (const observed of history) {
    answers.push(model.take(observed));
    worlds.push(model.world);
  }
  return { world: model.world, answers, worlds };
}

/** The same, one command after the other. */
export class Model {
  world = emptyWorld;
  readonly #remembered = new Map<string, string>();

  constructor(
    private readonly catalog: PlainCatalog,
    private readonly clockSkewMs = 5000,
  ) {}

  take(observed: Observed): Answer {
    const identity = identityOf(observed.command);
    const before = identity === undefined ? undefined : this.#remembered.get(identity);
    const { fingerprint } = { fingerprint: undefined, ...observed.command };
    if (before !== undefined) {
      return before === fingerprint
        ? { kind: 'duplicate' }
        : { kind: 'rejected', reason: 'IDEMPOTENCY_KEY_REUSED' };
    }
    const { answer, world } = decideOn(this.world, observed, this.catalog, this.clockSkewMs);
    if (identity !== undefined && fingerprint !== undefined && answer.kind === 'done')
      this.#remembered.set(identity, fingerprint);
    this.world = world;
    return answer;
  }
}

/** What becomes of one command that was never sent before, and the account behind it. */
export function decideOn(
  world: World,
  { command, ...observed }: Observed,
  catalog: PlainCatalog,
  clockSkewMs = 5000,
): { readonly answer: Answer; readonly world: World } {
  const now = Math.max(Date.parse(observed.now), world.recordedThrough);
  // How far usage can be complete is a matter of the decider's own clock, not of the account's.
  const usageComplete = Math.min(Date.parse(observed.now), Date.parse(observed.consumedThrough));
  const attempt = { ...world };
  const outcome = perform(attempt, command, { catalog, clockSkewMs, now, usageComplete });
  if (outcome === 'free') return { answer: { kind: 'notCreditMetered' }, world };
  if (outcome === 'nothing') return { answer: { kind: 'nothing' }, world };
  if (outcome !== undefined) return { answer: { kind: 'rejected', reason: outcome }, world };
  return { answer: { kind: 'done' }, world: { ...attempt, known: true, recordedThrough: now } };
}

/** First what time has caused, then the command, then what time makes of the command at once. */
function perform(world: World, command: PlainCommand, moment: Moment): Refusal | 'free' | 'nothing' {
  const settled = settle(world, moment);
  if (command.type === 'Settle') {
    const noticed = noticeLowLimits(world, moment.now);
    const asked = askForTopUps(world, moment.now);
    return settled || noticed || asked ? undefined : 'nothing';
  }
  const refusal = carryOut(world, command, moment);
  if (refusal !== undefined) return refusal;
  world.recordedThrough = moment.now;
  settle(world, moment);
  noticeLowLimits(world, moment.now);
  const failed = command.type === 'ReportTopUpPayment' && command.outcome === 'failed';
  if (!failed) askForTopUps(world, moment.now);
  return undefined;
}

function carryOut(
  world: World,
  command: Exclude<PlainCommand, { readonly type: 'Settle' }>,
  moment: Moment,
): Refusal | 'free' {
  switch (command.type) {
    case 'RecordUsage':
      return recordUsage(world, command, moment);
    case 'StartSubscription':
      return startSubscription(world, command, moment);
    case 'ChangeSubscription':
      return changeSubscription(world, command, moment);
    case 'CancelSubscription':
      return cancelSubscription(world, command, moment);
    case 'GrantCredits':
      return grantCredits(world, command, moment);
    case 'VoidGrant':
      return voidGrant(world, command);
    case 'ReverseDebit':
      return reverseDebit(world, command, moment.now);
    case 'PurchaseCredits':
      return purchaseCredits(world, command, moment);
    case 'PlaceHold':
      return placeHold(world, command, moment);
    case 'CaptureHold':
      return captureHold(world, command, moment);
    case 'ReleaseHold':
      return releaseHold(world, command, moment);
    case 'ConfigureAutoTopUp':
      return configureAutoTopUp(world, command, moment);
    case 'ReportTopUpPayment':
      return reportTopUpPayment(world, command, moment);
  }
}

function identityOf(command: PlainCommand): string | undefined {
  if (command.type === 'Settle') return undefined;
  return command.type === 'RecordUsage'
    ? JSON.stringify(['usage', command.source, command.id])
    : JSON.stringify(['key', command.key]);
}

/** A wallet as the model sees it at an instant, in decimal texts. */
export interface WalletPicture {
  readonly available: string;
  readonly included: string;
  readonly promotional: string;
  readonly purchased: string;
  readonly held: string;
  readonly pendingExpiry: string;
  readonly blocked: string;
  readonly billable: string;
  readonly low: boolean;
  /** When it fell below its low credit limit and rose to it again. */
  readonly crossings: readonly string[];
  readonly autoTopUp: AutoTopUpPicture | null;
  /** The subscriptions under which credits were purchased. */
  readonly purchasedUnder: readonly string[];
  readonly grants: Readonly<Record<string, GrantPicture>>;
  /** What each usage event drew, by its identity. */
  readonly debits: Readonly<Record<string, DebitPicture>>;
}

export interface AutoTopUpPicture {
  readonly subscription: string;
  readonly enabled: boolean;
  readonly stopped: boolean;
  readonly failures: number;
  /** What waits for its payment. */
  readonly awaited: string | null;
  readonly askedToday: string;
  readonly askedThisMonth: string;
}

export interface GrantPicture {
  readonly granted: string;
  readonly available: string;
  readonly held: string;
  readonly consumed: string;
  readonly expired: string;
  readonly voided: string;
  readonly rolledOver: string;
}

export interface DebitPicture {
  readonly draws: readonly string[];
  readonly uncovered: string;
}

/** The account at an instant; settle it to that instant first. */
export function picture(world: World, at: number): Readonly<Record<string, WalletPicture>> {
  return Object.fromEntries(world.wallets.map((wallet) => [wallet, walletPicture(world, wallet, at)]));
}

function walletPicture(world: World, wallet: string, at: number): WalletPicture {
  const grants = world.grants.filter((grant) => grant.wallet === wallet);
  const debits = world.debits.filter((debit) => debit.wallet === wallet);
  const usable = (source: Grant['source']) =>
    available({ ...world, grants: grants.filter((grant) => grant.source === source) }, wallet, at);
  const expiring = grants.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= at);
  const uncovered = (disposition: 'blocked' | 'billable'): Units =>
    sum(
      debits
        .filter((debit) => debit.disposition === disposition)
        .map((debit) => debit.uncovered - debit.writtenOff),
    );
  return {
    available: text(available(world, wallet, at)),
    included: text(usable('included')),
    promotional: text(usable('promotional')),
    purchased: text(usable('purchased')),
    held: text(sum(grants.map(({ held }) => held))),
    pendingExpiry: text(sum(expiring.map(remainder))),
    blocked: text(uncovered('blocked')),
    billable: text(uncovered('billable')),
    low: world.low.includes(wallet),
    crossings: world.crossings
      .filter((each) => each.wallet === wallet)
      .map((each) => `${each.low ? 'below' : 'above'} from ${new Date(each.at).toISOString()}`),
    autoTopUp: autoTopUpPicture(world, wallet, at),
    purchasedUnder: world.subscriptions
      .filter(({ purchasedIn }) => purchasedIn.includes(wallet))
      .map(({ id }) => id),
    grants: Object.fromEntries(grants.map((grant) => [grant.id, grantPicture(grant)])),
    debits: Object.fromEntries(
      debits.map(({ identity, draws, uncovered: rest }) => [
        identity,
        { draws: draws.map(({ grant, amount }) => `${text(amount)} of ${grant}`), uncovered: text(rest) },
      ]),
    ),
  };
}

function autoTopUpPicture(world: World, wallet: string, at: number): AutoTopUpPicture | null {
  const autoTopUp = world.autoTopUps.find((each) => each.wallet === wallet);
  if (!autoTopUp) return null;
  const request = awaited(world, wallet);
  return {
    subscription: autoTopUp.subscription,
    enabled: autoTopUp.terms.enabled,
    stopped: autoTopUp.stopped,
    failures: autoTopUp.failures,
    awaited: request ? `${text(request.quantity)} as ${request.id}` : null,
    askedToday: text(askedIn(world, wallet, 'day', at)),
    askedThisMonth: text(askedIn(world, wallet, 'month', at)),
  };
}

/** Grants are never changed, only replaced: each is described once. */
const pictures = new WeakMap<Grant, GrantPicture>();

function grantPicture(grant: Grant): GrantPicture {
  let known = pictures.get(grant);
  if (known === undefined) pictures.set(grant, (known = describe(grant)));
  return known;
}

function describe(grant: Grant): GrantPicture {
  return {
    granted: text(grant.granted),
    available: text(remainder(grant)),
    held: text(grant.held),
    consumed: text(grant.consumed),
    expired: text(grant.expired),
    voided: text(grant.voided),
    rolledOver: text(grant.rolledOver),
  };
}
