import { Amount } from '#domain';

/** What there is in one account for its senders to meet, at one moment. */
export interface Surroundings {
  /** Those that have not ended. */
  readonly subscriptions: readonly string[];
  /** Features that are paid with credits now. */
  readonly features: readonly {
    readonly feature: string;
    readonly creditSystem: string;
    readonly creditCost: Amount;
  }[];
  /** Subscriptions under which credits can be bought. */
  readonly sellers: readonly { readonly subscriptionId: string; readonly creditSystem: string }[];
  /** Those with anything left or held, by wallet in burn-down order. */
  readonly grants: readonly GrantThere[];
  readonly holds: readonly { readonly holdId: string; readonly held: Amount }[];
  /** Usage that can be reversed, the latest last. */
  readonly debits: readonly DebitThere[];
  /** Automatic top-ups whose payment nobody has told of. */
  readonly topUps: readonly { readonly creditSystem: string; readonly requestId: string }[];
  /** When time alone changes something, or could have: some past, some to come. */
  readonly instants: readonly number[];
}

export interface GrantThere {
  readonly creditSystem: string;
  readonly grantId: string;
  readonly left: Amount;
  readonly held: Amount;
  /** Whether what is left pays for anything now. */
  readonly pays: boolean;
}

export interface DebitThere {
  readonly source: string;
  readonly id: string;
  /** What is left to reverse, in the order in which it is given back. */
  readonly parts: readonly Amount[];
}

export const NOTHING_THERE: Surroundings = {
  subscriptions: [],
  features: [],
  sellers: [],
  grants: [],
  holds: [],
  debits: [],
  topUps: [],
  instants: [],
};

/** Usage of further back is hardly ever reversed. */
export const DEBITS_THERE = 12;

/** The first of those that are still to come, in order. */
export function toCome({ instants }: Surroundings, now: number, most = 5): readonly number[] {
  return [...new Set(instants)]
    .filter((at) => at > now)
    .sort((a, b) => a - b)
    .slice(0, most);
}

/** The last of those that have passed or are there, latest first. */
export function gone({ instants }: Surroundings, now: number, most = 6): readonly number[] {
  return [...new Set(instants)]
    .filter((at) => at <= now)
    .sort((a, b) => b - a)
    .slice(0, most);
}

/** The sum of the first so many. */
export function firstOf(amounts: readonly Amount[], count: number): Amount {
  return Amount.sum(amounts.slice(0, count));
}
