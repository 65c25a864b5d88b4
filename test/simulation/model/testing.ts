import type { PlainCatalog, PlainCommand, PlainPlan } from './plain.js';
import { picture, recompute, type Answer, type Observed, type WalletPicture } from './model.js';

type Credit = PlainPlan['credits'][number];
type Included = NonNullable<Credit['included']>;

/** A plan in which credits `tokens` pay for the feature `call`, one each, and nothing else is said. */
export function planWith(
  included: Partial<Included> | null,
  more: { readonly credit?: Partial<Credit>; readonly plan?: Partial<PlainPlan> } = {},
): PlainPlan {
  return {
    id: 'plan',
    version: 1,
    name: 'Plan',
    timeZone: 'UTC',
    credits: [
      {
        creditSystem: 'tokens',
        included: included && {
          allowance: '500',
          resetInterval: { unit: 'month', count: 1 },
          rollover: null,
          priority: 50,
          ...included,
        },
        priced: null,
        onEmpty: 'block',
        lowCreditLimit: null,
        mandatoryPurchase: false,
        expiresAfter: null,
        minQuantity: null,
        maxQuantity: null,
        ...more.credit,
      },
    ],
    features: [{ feature: 'call', creditSystem: 'tokens', creditCost: '1', prepaid: true }],
    ...more.plan,
  };
}

/** A command without what every sender adds. */
export type Bare = PlainCommand extends infer Command
  ? Command extends PlainCommand
    ? Omit<Command, 'key' | 'fingerprint'> & { readonly key?: string; readonly fingerprint?: string }
    : never
  : never;

/** Says what happens to an account, in order, and asks the model about it. */
export class Story {
  readonly #history: Observed[] = [];
  #count = 0;

  constructor(
    plan: PlainPlan,
    private readonly grace = 3_600_000,
  ) {
    this.#catalog = {
      creditSystems: { tokens: { scale: 6, lateUsageGraceMs: this.grace } },
      plans: { [plan.id]: [plan] },
    };
  }

  readonly #catalog: PlainCatalog;

  /** `consumedThrough`: default, nothing waits. */
  at(now: string, command: Bare, consumedThrough = now): this {
    const key = `k${(this.#count += 1)}`;
    const whole = { key, fingerprint: key, ...command } as PlainCommand;
    this.#history.push({ command: whole, now: instant(now), consumedThrough: instant(consumedThrough) });
    return this;
  }

  start(now: string, startsAt = now): this {
    return this.at(now, {
      type: 'StartSubscription',
      subscriptionId: 's',
      planId: 'plan',
      startsAt: instant(startsAt),
    });
  }

  grant(now: string, key: string, amount: string, expires: string | null, more: object = {}): this {
    return this.at(now, {
      type: 'GrantCredits',
      key,
      creditSystem: 'tokens',
      amount,
      reason: 'test',
      actor: 'test',
      ...(expires !== null && { expiresAt: instant(expires) }),
      ...more,
    });
  }

  use(now: string, id: string, quantity: string, time = now, more: object = {}): this {
    return this.at(now, {
      type: 'RecordUsage',
      source: 'test',
      id,
      fingerprint: quantity,
      mode: 'metered',
      feature: 'call',
      quantity,
      time: instant(time),
      dimensions: {},
      ...more,
    });
  }

  settle(now: string, consumedThrough = now): this {
    return this.at(now, { type: 'Settle' }, consumedThrough);
  }

  answers(): readonly Answer[] {
    return recompute(this.#catalog, this.#history).answers;
  }

  wallet(at: string): WalletPicture {
    const wallet = picture(recompute(this.#catalog, this.#history).world, Date.parse(instant(at)))['tokens'];
    if (!wallet) throw new Error('nothing has happened in the wallet');
    return wallet;
  }

  /** What is available in each grant, by the last part of its name. */
  left(at: string): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.wallet(at).grants).map(([id, { available }]) => [
        id.replace(/^promotion\//, ''),
        available,
      ]),
    );
  }
}

/** `2026-01-05` or `2026-01-05T10:00` */
export function instant(text: string): string {
  return new Date(text.length === 10 ? `${text}T00:00Z` : `${text}Z`).toISOString();
}
