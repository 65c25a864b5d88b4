import type { PlainCatalog, PlainCommand, PlainPlan } from './plain.js';
import type { Units } from './units.js';

/** Everything the model remembers of one account. Times are milliseconds since the epoch. Nothing is ever dropped. */
export interface World {
  /** False until something was recorded: nobody knows this customer. */
  known: boolean;
  /** The latest clock reading anything was recorded at; the account's clock never runs back behind it. */
  recordedThrough: number;
  subscriptions: readonly Subscription[];
  grants: readonly Grant[];
  /** How many periods of each allowance and pack have been granted. */
  periods: Readonly<Record<string, number>>;
  holds: readonly Hold[];
  debits: readonly Debit[];
  /** Wallets that anything has happened in. */
  wallets: readonly string[];
  /** Wallets under their low credit limit, as far as it was noticed. */
  low: readonly string[];
  /** Every time a wallet fell below its limit or rose to it again. */
  crossings: readonly Crossing[];
  autoTopUps: readonly AutoTopUp[];
  topUpRequests: readonly TopUpRequest[];
}

export const emptyWorld: World = {
  known: false,
  recordedThrough: -Infinity,
  subscriptions: [],
  grants: [],
  periods: {},
  holds: [],
  debits: [],
  wallets: [],
  low: [],
  crossings: [],
  autoTopUps: [],
  topUpRequests: [],
};

export interface Terms {
  readonly number: number;
  readonly from: number;
  readonly plan: PlainPlan;
}

export interface Subscription {
  readonly id: string;
  readonly startsAt: number;
  readonly endsAt: number | null;
  readonly terms: readonly Terms[];
  /** Wallets in which something was purchased under this subscription. */
  readonly purchasedIn: readonly string[];
}

export type Source = 'included' | 'purchased' | 'promotional';

export interface Grant {
  readonly id: string;
  readonly wallet: string;
  readonly kind: 'allowance' | 'pack' | 'topUp' | 'promotion' | 'rollover';
  readonly source: Source;
  readonly subscription: string | null;
  /** The grant whose remainder this is. */
  readonly rolledFrom: string | null;
  readonly priority: number;
  readonly effectiveAt: number;
  readonly expiresAt: number | null;
  /**
   * The ends it was to have before it was ended early, each until that was known; oldest first. A grant with nothing left
   * learns of it (`Infinity`) when something comes back.
   */
  readonly plannedEnds: readonly { readonly until: number; readonly end: number | null }[];
  readonly features: readonly string[] | null;
  readonly rollover: { readonly cap: Units | null; readonly expiresAt: number } | null;
  readonly grantedAt: number;
  readonly granted: Units;
  readonly held: Units;
  readonly consumed: Units;
  readonly expired: Units;
  readonly voided: Units;
  /** Taken back: whatever returns is, too. */
  readonly revoked: boolean;
  readonly rolledOver: Units;
}

export interface Draw {
  readonly grant: string;
  readonly amount: Units;
}

export interface Hold {
  readonly id: string;
  readonly wallet: string;
  readonly feature: string | null;
  readonly timesOutAt: number;
  readonly draws: readonly Draw[];
  readonly open: boolean;
}

/** One usage event that was recorded, and what became of it. */
export interface Debit {
  readonly identity: string;
  readonly wallet: string;
  readonly amount: Units;
  readonly draws: readonly Draw[];
  readonly uncovered: Units;
  readonly disposition: 'blocked' | 'billable';
  /** Given back so far: of the draws (by grant), and of what was uncovered. */
  readonly restored: readonly Draw[];
  readonly writtenOff: Units;
}

export interface Crossing {
  readonly wallet: string;
  readonly at: number;
  readonly low: boolean;
}

/** What was agreed on asking for credits by itself, for one wallet. */
export interface AutoTopUp {
  readonly wallet: string;
  readonly subscription: string;
  readonly terms: Extract<PlainCommand, { readonly type: 'ConfigureAutoTopUp' }>['terms'];
  readonly stopped: boolean;
  /** Payments that failed in a row. */
  readonly failures: number;
}

/** Credits that were asked for, under the terms of that moment. */
export interface TopUpRequest {
  readonly id: string;
  readonly wallet: string;
  readonly subscription: string;
  readonly plan: PlainPlan;
  readonly quantity: Units;
  readonly at: number;
  readonly payment: 'awaited' | 'made' | 'failed';
}

/** What time it is for one command, and how far usage has come. */
export interface Moment {
  readonly catalog: PlainCatalog;
  readonly clockSkewMs: number;
  /** The account's clock. */
  readonly now: number;
  /** Before this no usage can still arrive, but for the grace. */
  readonly usageComplete: number;
}

/** Grants are never changed, only replaced: what is left of one is worked out once. */
const remainders = new WeakMap<Grant, Units>();

/** What is left of a grant: everything that has not gone anywhere else. */
export function remainder(grant: Grant): Units {
  let left = remainders.get(grant);
  if (left === undefined) {
    const { granted, held, consumed, expired, voided, rolledOver } = grant;
    remainders.set(grant, (left = granted - held - consumed - expired - voided - rolledOver));
  }
  return left;
}

export function horizon(wallet: string, { catalog, usageComplete }: Moment): number {
  return usageComplete - systemOf(wallet, catalog).lateUsageGraceMs;
}

export function systemOf(wallet: string, catalog: PlainCatalog): PlainCatalog['creditSystems'][string] {
  const system = catalog.creditSystems[wallet];
  if (!system) throw new Error(`the model knows no credit system ${wallet}`);
  return system;
}

export function grantOf(world: World, id: string): Grant {
  const grant = world.grants.find((candidate) => candidate.id === id);
  if (!grant) throw new Error(`the model knows no grant ${id}`);
  return grant;
}

export function changeGrant(world: World, id: string, change: (grant: Grant) => Partial<Grant>): void {
  grantOf(world, id);
  world.grants = world.grants.map((grant) => (grant.id === id ? { ...grant, ...change(grant) } : grant));
}

export function addGrant(world: World, grant: Grant): void {
  if (world.grants.some(({ id }) => id === grant.id))
    throw new Error(`the model made grant ${grant.id} twice`);
  world.grants = [...world.grants, grant];
  touch(world, grant.wallet);
}

export function touch(world: World, wallet: string): void {
  if (!world.wallets.includes(wallet)) world.wallets = [...world.wallets, wallet];
}

export function creditOf(plan: PlainPlan, wallet: string): PlainPlan['credits'][number] | undefined {
  return plan.credits.find(({ creditSystem }) => creditSystem === wallet);
}

export function activeAt({ startsAt, endsAt }: Subscription, at: number): boolean {
  return startsAt <= at && (endsAt === null || at < endsAt);
}

/** The terms in force at an instant; before the first ones begin, the first. */
export function termsAt({ terms, id }: Subscription, at: number): Terms {
  const found = terms.filter(({ from }) => from <= at).at(-1) ?? terms[0];
  if (!found) throw new Error(`subscription ${id} has no terms`);
  return found;
}
