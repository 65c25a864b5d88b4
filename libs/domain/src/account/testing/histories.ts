import fc from 'fast-check';
import type { AccountCommand } from '../index.js';
import { plusMs, type Instant } from '../../time/index.js';
import { allowance, amount, catalogOf, costs, perUnit } from './catalogs.js';
import {
  ask,
  autoTopUp,
  cancel,
  capture,
  change,
  hold,
  notPaid,
  paid,
  promotion,
  purchase,
  release,
  reverse,
  settleNow,
  start,
  usage,
  voidOf,
} from './commands.js';
import type { TestAccount } from './test-account.js';

const HOUR = 3_600_000;

/** A plan of every kind: rollovers, packs, limits, two credit systems, other zones, pay as you go. */
export const everyKind = catalogOf(
  [{ key: 'credits' }, { key: 'gpu', scale: 2, lateUsageGraceMs: 6 * HOUR }],
  {
    plan: [
      {
        timeZone: 'Europe/Berlin',
        credits: [
          {
            creditSystem: 'credits',
            ...allowance(40, 'day', 1, { cap: amount(15), periods: 1 }),
            priced: { topUp: perUnit('0.1') },
            lowCreditLimit: { threshold: amount(10), action: 'alert' },
            expiresAfter: 'P3D',
          },
          { creditSystem: 'gpu', ...allowance('12.5', 'day', 2), onEmpty: 'payAsYouGo' },
        ],
        features: [costs('call', '1'), costs('train', '0.333', 'gpu')],
      },
      {
        timeZone: 'America/New_York',
        credits: [
          {
            creditSystem: 'credits',
            ...allowance(25, 'hour', 7, { cap: null, periods: 2 }),
            priced: {
              topUp: perUnit('0.2'),
              recurring: {
                quantity: amount(30),
                billingInterval: { unit: 'day', count: 1 },
                schedule: perUnit('0.05'),
              },
            },
            onEmpty: 'payAsYouGo',
            expiresAfter: 'P2D',
          },
        ],
        features: [costs('call', '1.5')],
      },
      {
        credits: [
          {
            creditSystem: 'credits',
            priced: { topUp: perUnit('0.2') },
            mandatoryPurchase: true,
            lowCreditLimit: { threshold: amount(20), action: 'restrict' },
          },
        ],
        features: [costs('call', '0.7'), costs('train', '2')],
      },
    ],
  },
);

/** Something a customer or time does, after a while. What it refers to is looked up when it is its turn. */
export interface Deed {
  readonly afterHours: number;
  readonly make: (account: TestAccount, index: number) => AccountCommand;
}

const quantity = fc.integer({ min: 0, max: 4000 }).map((hundredths) => (hundredths / 100).toFixed(2));
const credits = fc.integer({ min: 1, max: 60 });
const pick = fc.nat();
const version = fc.integer({ min: 1, max: 3 });
const feature = fc.constantFrom('call', 'call', 'train', 'unknown');
const when = fc.constantFrom('now' as const, 'periodEnd' as const);

const ago = ({ now }: TestAccount, hours: number): Instant => plusMs(now, -hours * HOUR);
const ahead = ({ now }: TestAccount, hours: number): Instant => plusMs(now, hours * HOUR);
const subscription = fc.constantFrom('sub', 'sub', 'other');

function idOf(account: TestAccount, choice: number, of: 'usage' | 'grant' | 'hold' | 'request'): string {
  const ids = account.events.flatMap((event): string[] => {
    if (of === 'usage') return event.cause.kind === 'usage' ? [event.cause.id] : [];
    if (of === 'grant')
      return event.type === 'CreditsGranted' && event.creditSystem === 'credits' ? [event.grantId] : [];
    if (of === 'hold') return event.type === 'HoldPlaced' ? [event.holdId] : [];
    return event.type === 'AutoTopUpRequested' ? [event.requestId] : [];
  });
  return ids[ids.length - 1 - (choice % Math.min(4, ids.length || 1))] ?? 'none';
}

type Make = Deed['make'];
const made = <T>(
  arbitrary: fc.Arbitrary<T>,
  make: (value: T, account: TestAccount, index: number) => AccountCommand,
) =>
  arbitrary.map(
    (value): Make =>
      (account, index) =>
        make(value, account, index),
  );

/** Usage as it comes from a stream: some of it late. */
export const meteredUsage = made(
  fc.record({ quantity, late: fc.integer({ min: 0, max: 5 }), feature }),
  (used, account, index) =>
    usage(`u${index}`, used.quantity, ago(account, used.late), { feature: used.feature }),
);

/** What changes who may use what, and does not look at any balance. */
export const granting = fc.oneof(
  made(fc.record({ version, subscription, inHours: fc.integer({ min: 0, max: 6 }) }), (its, account, index) =>
    start(
      {
        subscriptionId: its.subscription,
        planVersion: its.version,
        startsAt: ahead(account, its.inHours),
      },
      `k${index}`,
    ),
  ),
  made(fc.record({ version, when, subscription }), (its, _, index) =>
    change(its.version, its.when, { subscriptionId: its.subscription }, `k${index}`),
  ),
  made(fc.record({ when, subscription }), (its, _, index) => cancel(its.when, its.subscription, `k${index}`)),
  made(
    fc.record({
      credits,
      life: fc.option(fc.integer({ min: 1, max: 80 })),
      delay: fc.integer({ min: 0, max: 8 }),
      priority: fc.constantFrom(10, 50, 50, 90),
      limited: fc.boolean(),
      creditSystem: fc.constantFrom('credits', 'gpu'),
    }),
    (its, account, index) =>
      promotion(`k${index}`, its.credits, {
        creditSystem: its.creditSystem,
        effectiveAt: ahead(account, its.delay),
        priority: its.priority,
        ...(its.limited ? { features: ['call'] } : {}),
        ...(its.life === null ? {} : { expiresAt: ahead(account, its.delay + its.life) }),
      }),
  ),
  made(fc.record({ credits, subscription }), (its, _, index) =>
    purchase(`k${index}`, its.credits, { subscriptionId: its.subscription }),
  ),
);

/** What looks at the balance it finds. */
const spending = fc.oneof(
  made(fc.record({ quantity, feature }), (its, account, index) =>
    ask(`u${index}`, its.quantity, account.now, { feature: its.feature }),
  ),
  made(fc.record({ credits, hours: fc.integer({ min: 1, max: 60 }) }), (its, account, index) =>
    hold(`h${index}`, its.credits, ahead(account, its.hours)),
  ),
  made(fc.record({ pick, credits: fc.option(credits) }), (its, account, index) =>
    capture(idOf(account, its.pick, 'hold'), its.credits ?? undefined, `k${index}`),
  ),
  made(pick, (choice, account, index) => release(idOf(account, choice, 'hold'), `k${index}`)),
  made(fc.record({ pick, credits: fc.option(credits) }), (its, account, index) =>
    reverse(idOf(account, its.pick, 'usage'), its.credits ?? undefined, `k${index}`),
  ),
  made(pick, (choice, account, index) => voidOf(idOf(account, choice, 'grant'), `k${index}`)),
  made(fc.record({ threshold: credits, cap: fc.option(credits), subscription }), (its, _, index) =>
    autoTopUp(
      its.threshold,
      its.threshold + 30,
      { subscriptionId: its.subscription, ...(its.cap === null ? {} : { dailyCap: its.cap + 20 }) },
      `k${index}`,
    ),
  ),
  made(fc.record({ pick, ok: fc.boolean() }), (its, account, index) =>
    (its.ok ? paid : notPaid)(idOf(account, its.pick, 'request'), `k${index}`),
  ),
  fc.constant((): AccountCommand => settleNow),
);

const firstStart: Deed = { afterHours: 0, make: () => start({ planVersion: 1 }, 'first') };

function deeds(makes: fc.Arbitrary<Make>, maxLength: number): fc.Arbitrary<readonly Deed[]> {
  const afterHours = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 40 }));
  return fc
    .array(fc.record({ afterHours, make: makes }), { minLength: 5, maxLength })
    .map((rest) => [firstStart, ...rest]);
}

/** A customer's life in which anything may happen. */
export const anyHistory = deeds(
  fc.oneof(
    { weight: 4, arbitrary: meteredUsage },
    { weight: 2, arbitrary: granting },
    { weight: 4, arbitrary: spending },
  ),
  40,
);

/** A customer's life in which nothing but usage looks at a balance. */
export const usageHistory = deeds(
  fc.oneof({ weight: 5, arbitrary: meteredUsage }, { weight: 2, arbitrary: granting }),
  40,
);

/** Lives a history; `each` is called after every decision. */
export function live(
  account: TestAccount,
  history: readonly Deed[],
  each: (index: number) => void = () => undefined,
): TestAccount {
  for (const [index, { afterHours, make }] of history.entries()) {
    account.now = plusMs(account.now, afterHours * HOUR);
    account.send(make(account, index));
    each(index);
  }
  return account;
}
