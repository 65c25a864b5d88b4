import { describe, expect, it } from '@jest/globals';
import {
  Amount,
  plusMs,
  type AccountCommand,
  type AccountEvent,
  type Instant,
  type RecordUsage,
} from '#domain';
import {
  allowance,
  amount,
  catalogOf,
  costs,
  perUnit,
} from '../../libs/domain/src/account/testing/catalogs.js';
import {
  cancel,
  capture,
  change,
  hold,
  promotion,
  purchase,
  release,
  reverse,
  settleNow,
  start,
  usage,
  voidOf,
} from '../../libs/domain/src/account/testing/commands.js';
import { moment, TestAccount } from '../../libs/domain/src/account/testing/test-account.js';
import { seeded, type Random } from '../support/random.js';

/**
 * Two years of a customer's life, from a leap year's January: a monthly plan in Berlin, one in New York with
 * packs, a daily one, and Berlin again, through four changes of the clocks, with purchases, promotions, holds,
 * refunds, late and repeated usage, and a month in which nothing was consumed and no scheduler ran.
 */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = moment('2024-01-31T09:00:00Z');
const END = moment('2026-02-01T07:00:00Z');
const DOWN = { from: moment('2025-03-10T00:00:00Z'), to: moment('2025-04-10T00:00:00Z') };
const MONTHLY = { billingInterval: { unit: 'month', count: 1 } } as const;

const features = [costs('chat', '0.8', 'tokens'), costs('image', '12.5', 'tokens')];
const catalog = catalogOf([{ key: 'tokens' }], {
  plan: [
    {
      timeZone: 'Europe/Berlin',
      credits: [
        {
          creditSystem: 'tokens',
          ...allowance(1000, 'month', 1, { cap: amount(200), periods: 1 }),
          priced: { topUp: perUnit('0.01') },
          expiresAfter: 'P3M',
        },
      ],
      features,
    },
    {
      timeZone: 'America/New_York',
      credits: [
        {
          creditSystem: 'tokens',
          ...allowance(900, 'month', 1, { cap: null, periods: 2 }),
          priced: {
            topUp: perUnit('0.02'),
            recurring: { quantity: amount(250), schedule: perUnit('0.015'), ...MONTHLY },
          },
          onEmpty: 'payAsYouGo',
          expiresAfter: 'P6M',
        },
      ],
      features,
    },
    {
      timeZone: 'Europe/Berlin',
      credits: [
        {
          creditSystem: 'tokens',
          ...allowance(45, 'day'),
          priced: { topUp: perUnit('0.01') },
          expiresAfter: 'P1M',
        },
      ],
      features,
    },
  ],
});

interface Step {
  readonly now: Instant;
  readonly command: AccountCommand;
}

/** What its operators and its own back office do, by hand. */
const byHand: readonly Step[] = [
  { now: START, command: start({ planVersion: 1 }) },
  { now: moment('2024-08-15T12:00:00Z'), command: change(2, 'now') },
  { now: moment('2025-01-20T10:00:00Z'), command: change(3, 'periodEnd') },
  { now: moment('2025-06-01T06:00:00Z'), command: change(1, 'now', {}, 'back to 1') },
  { now: moment('2026-01-10T10:00:00Z'), command: cancel('periodEnd') },
];

const isDown = (at: Instant) => at >= DOWN.from && at < DOWN.to;

function life(random: Random): readonly Step[] {
  const steps: Step[] = [...byHand];
  const tokens = { creditSystem: 'tokens' };
  for (let day = 0; plusMs(START, day * DAY) < END; day++) {
    const midnight = plusMs(START, day * DAY);
    const within = () => plusMs(midnight, random.below(24 * 60) * MINUTE + 1000);
    for (let n = 0; n < 3; n++) {
      const happened = within();
      const image = random.below(12) === 0;
      const quantity = 1 + random.below(image ? 4 : 18);
      const feature = image ? 'image' : 'chat';
      const command = usage(`u${day}-${n}`, quantity, happened, { feature });
      const now = plusMs(happened, random.below(5) === 0 ? random.below(50) * MINUTE : 0);
      steps.push({ now, command });
      if (random.below(40) === 0) steps.push({ now: plusMs(now, random.below(90) * DAY), command });
    }
    const at = within();
    // A burst that takes all there is; one of them falls into the month of downtime.
    if (day % 100 === 10)
      steps.push({ now: at, command: usage(`burst${day}`, 4000, at, { feature: 'chat' }) });
    if (day % 91 === 20) steps.push({ now: at, command: purchase(`p${day}`, 400, tokens) });
    if (day % 60 === 5)
      steps.push({ now: at, command: promotion(`g${day}`, 150, { ...tokens, expiresAfter: 'P45D' }) });
    if (day === 605) steps.push({ now: at, command: { ...voidOf('promotion/g605'), ...tokens } });
    if (day % 7 === 3) {
      const until = plusMs(at, 2 * DAY);
      steps.push({ now: at, command: hold(`h${day}`, 20, until, tokens) });
      const fate = random.below(3);
      if (fate === 0) steps.push({ now: plusMs(at, DAY), command: capture(`h${day}`, random.below(25)) });
      if (fate === 1) steps.push({ now: plusMs(at, DAY), command: release(`h${day}`) });
    }
    if (day % 15 === 14) {
      const refunded = `u${Math.max(0, day - random.below(60))}-${random.below(3)}`;
      steps.push({ now: at, command: reverse(refunded, String(1 + random.below(8)), `r${day}`) });
    }
    // The scheduler, four times a day.
    for (let n = 0; n < 4; n++) steps.push({ now: plusMs(midnight, n * 6 * HOUR), command: settleNow });
  }
  // In the month that is tested for its outage nobody but usage is at work, before and after everybody is.
  return steps
    .filter(({ now, command }) => !isDown(now) || command.type === 'RecordUsage' || command.type === 'Settle')
    .filter(({ command }) => command.type !== 'RecordUsage' || command.time < END)
    .sort((a, b) => (a.now < b.now ? -1 : a.now > b.now ? 1 : 0));
}

function live(steps: readonly Step[], outage: boolean): TestAccount {
  const account = new TestAccount(catalog, START, { forgetClosedGrants: true });
  const waiting: RecordUsage[] = [];
  for (const { now, command } of steps) {
    if (outage && isDown(now)) {
      if (command.type === 'RecordUsage') waiting.push(command);
      continue;
    }
    if (waiting.length > 0) catchUp(account.at(DOWN.to), waiting.splice(0));
    account.at(now).send(command);
  }
  account.at('2026-09-01').send(settleNow);
  return account;
}

/** The consumer is back: it works off what waited, and nothing expires before it has. */
function catchUp(account: TestAccount, waiting: readonly RecordUsage[]): void {
  account.consumedThrough = DOWN.from;
  account.send(settleNow);
  for (const command of waiting) {
    account.consumedThrough = command.time;
    account.send(command);
  }
  account.consumedThrough = undefined;
}

type Fate = Record<'granted' | 'consumed' | 'expired' | 'voided' | 'rolledOver' | 'held', Amount>;

/** What became of every grant, from the events alone and by nothing of the ledger's own arithmetic. */
function reconciled(events: readonly AccountEvent[]): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>();
  const add = (grantId: string, part: keyof Fate, change: Amount) => {
    const zero = Amount.zero;
    const none = { granted: zero, consumed: zero, expired: zero, voided: zero, rolledOver: zero, held: zero };
    const fate = fates.get(grantId) ?? none;
    fates.set(grantId, { ...fate, [part]: fate[part].plus(change) });
  };
  for (const event of events) {
    switch (event.type) {
      case 'CreditsGranted':
        add(event.grantId, 'granted', event.amount);
        break;
      case 'CreditsDebited':
        for (const draw of event.draws) add(draw.grantId, 'consumed', draw.amount);
        break;
      case 'DebitReversed':
        for (const draw of event.restored) add(draw.grantId, 'consumed', draw.amount.negated());
        break;
      case 'CreditsExpired':
        add(event.grantId, 'expired', event.amount);
        break;
      case 'CreditsVoided':
        add(event.grantId, 'voided', event.amount);
        break;
      case 'CreditsRolledOver':
        add(event.fromGrantId, 'rolledOver', event.amount);
        add(event.into.grantId, 'granted', event.amount);
        break;
      case 'HoldPlaced':
        for (const draw of event.draws) add(draw.grantId, 'held', draw.amount);
        break;
      case 'HoldCaptured':
        for (const draw of event.draws) add(draw.grantId, 'consumed', draw.amount);
        for (const draw of event.beyond) add(draw.grantId, 'consumed', draw.amount);
        for (const draw of [...event.draws, ...event.returned])
          add(draw.grantId, 'held', draw.amount.negated());
        break;
      case 'HoldReleased':
        for (const draw of event.returned) add(draw.grantId, 'held', draw.amount.negated());
        break;
      case 'SubscriptionStarted':
      case 'SubscriptionChanged':
      case 'SubscriptionCancelled':
      case 'UsageUncovered':
      case 'LowBalanceReached':
      case 'LowBalanceCleared':
      case 'AutoTopUpConfigured':
      case 'AutoTopUpRequested':
      case 'AutoTopUpFailed':
      case 'AutoTopUpStopped':
    }
  }
  return fates;
}

const grantedBy = (account: TestAccount, kind: 'allowance' | 'pack', terms: number) =>
  account.events.flatMap((event) =>
    event.type === 'CreditsGranted' &&
    event.origin.kind === kind &&
    event.grantId.startsWith(`sub/tokens/${kind}/${terms}/`)
      ? [event.effectiveAt.slice(0, 16)]
      : [],
  );

describe('two years of a customer’s life', () => {
  const steps = life(seeded(20_240_131));
  const account = live(steps, true);

  it('renew on the calendar: month ends, a leap day, DST in both zones, changes of plan, a month away', () => {
    expect(grantedBy(account, 'allowance', 0)).toEqual([
      '2024-01-31T09:00',
      '2024-02-29T09:00',
      '2024-03-31T08:00',
      '2024-04-30T08:00',
      '2024-05-31T08:00',
      '2024-06-30T08:00',
      '2024-07-31T08:00',
    ]);
    const newYork = [
      '2024-08-15T12:00',
      '2024-09-15T12:00',
      '2024-10-15T12:00',
      '2024-11-15T13:00',
      '2024-12-15T13:00',
      '2025-01-15T13:00',
    ];
    expect(grantedBy(account, 'allowance', 1)).toEqual(newYork);
    expect(grantedBy(account, 'pack', 1)).toEqual(newYork);
    const daily = grantedBy(account, 'allowance', 2);
    expect(daily).toHaveLength(14 + 31 + 30 + 31);
    expect([daily[0], daily[42], daily[43], daily.at(-1)]).toEqual([
      '2025-02-15T13:00',
      '2025-03-29T13:00',
      '2025-03-30T12:00',
      '2025-05-31T12:00',
    ]);
    expect(grantedBy(account, 'allowance', 3)).toEqual([
      '2025-06-01T06:00',
      '2025-07-01T06:00',
      '2025-08-01T06:00',
      '2025-09-01T06:00',
      '2025-10-01T06:00',
      '2025-11-01T07:00',
      '2025-12-01T07:00',
      '2026-01-01T07:00',
    ]);
  });

  it('reconcile every grant to zero difference, and leave nothing once everything has expired', () => {
    const fates = reconciled(account.events);
    expect(fates.size).toBeGreaterThan(150);
    const grants = account.grants('tokens');
    expect([...fates.keys()].sort()).toEqual([...grants.keys()].sort());
    for (const [grantId, fate] of fates) {
      const spent = Amount.sum([fate.consumed, fate.expired, fate.voided, fate.rolledOver, fate.held]);
      expect([grantId, fate.granted.minus(spent).toString()]).toEqual([grantId, '0']);
      expect(grants.get(grantId)).toMatchObject({ ...fate, available: Amount.zero });
    }
    expect(Object.values(account.wallet('tokens').grants)).toEqual([]);
    expect(account.available('tokens')).toBe('0');
  });

  it('charge every usage event once: its cost is drawn or uncovered, and nothing is charged besides', () => {
    const cost = { chat: 8n, image: 125n };
    const asked = new Map<string, bigint>();
    for (const { command } of steps) {
      if (command.type === 'RecordUsage')
        asked.set(command.id, (command.quantity.units * cost[command.feature as 'chat' | 'image']) / 10n);
    }
    const charged = new Map<string, bigint>();
    for (const event of account.events) {
      if (event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') continue;
      if (event.cause.kind !== 'usage') continue;
      const part =
        event.type === 'CreditsDebited'
          ? event.draws.reduce((sum, draw) => sum + draw.amount.units, 0n)
          : event.uncovered.units;
      charged.set(event.cause.id, (charged.get(event.cause.id) ?? 0n) + part);
    }
    expect(charged).toEqual(asked);
    expect(account.decisions.some(({ kind }) => kind === 'duplicate')).toBe(true);
  });

  it('see everything that can happen to credits', () => {
    const types = new Set(account.events.map(({ type }) => type));
    for (const type of [
      'CreditsRolledOver',
      'CreditsExpired',
      'CreditsVoided',
      'DebitReversed',
      'UsageUncovered',
      'HoldCaptured',
      'HoldReleased',
    ] as const)
      expect(types).toContain(type);
  });

  it('end the same as without the month of downtime', () => {
    const undisturbed = live(steps, false);
    const fates = ({ events }: TestAccount) =>
      Object.fromEntries(
        [...reconciled(events)]
          // What rolled over counts with where it came from: late usage may draw on either part.
          .reduce((sums, [grantId, { consumed, expired, voided }]) => {
            const id = grantId.replace(/\/rollover$/, '');
            const sum = sums.get(id) ?? [0n, 0n, 0n];
            return sums.set(id, [sum[0] + consumed.units, sum[1] + expired.units, sum[2] + voided.units]);
          }, new Map<string, [bigint, bigint, bigint]>()),
      );
    expect(fates(account)).toEqual(fates(undisturbed));
    const { uncovered } = account.wallet('tokens');
    expect(uncovered).toEqual(undisturbed.wallet('tokens').uncovered);
  });
});
