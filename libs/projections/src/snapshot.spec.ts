import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  Amount,
  instantFromMs,
  type AccountState,
  type AutoTopUp,
  type Draw,
  type Grant,
  type GrantOrigin,
  type Subscription,
  type Wallet,
} from '#domain';
import {
  decodeAccountState,
  decodeGrant,
  encodeAccountState,
  encodeGrant,
  encodeMoving,
  haveSameTerms,
  withMoving,
} from './index.js';

const LIMIT = 10n ** 30n - 1n;
const anAmount = fc.bigInt({ min: -LIMIT, max: LIMIT }).map((units) => Amount.ofUnits(units));
const anInstant = fc
  .integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
  .map((ms) => instantFromMs(ms));
/** Any text, hostile ones among them; keys of objects too. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', '\u0000', '\ud800', ''),
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const count = fc.nat();
const aPlan = fc.record({ id: text, version: count });
const aPeriod = fc.record({ index: count, start: anInstant, end: anInstant });
const aPrice = fc.record({
  currency: text,
  subtotal: text,
  tax: text,
  total: text,
  lines: fc.array(fc.record({ description: text, quantity: text, amount: text }), { maxLength: 2 }),
});
const aSource = fc.constantFrom('included' as const, 'purchased' as const, 'promotional' as const);

const anOrigin: fc.Arbitrary<GrantOrigin> = fc.oneof(
  fc.record({ kind: fc.constant('allowance' as const), subscriptionId: text, plan: aPlan, period: aPeriod }),
  fc.record({
    kind: fc.constant('pack' as const),
    subscriptionId: text,
    plan: aPlan,
    period: aPeriod,
    price: aPrice,
  }),
  fc.record({
    kind: fc.constant('topUp' as const),
    subscriptionId: text,
    plan: aPlan,
    paymentReference: text,
    price: aPrice,
    automatic: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('promotion' as const), reason: text, actor: text }),
  fc.record({ kind: fc.constant('rollover' as const), fromGrantId: text, subscriptionId: text }),
);

/** What the snapshot must keep of a grant that a change or cancellation ended early. */
const aPlannedEnd = fc.record({ until: anInstant, expiresAt: orNull(anInstant) });
const plannedEnds = fc.option(fc.record({ plannedEnds: fc.array(aPlannedEnd) }), { nil: {} });

/** And of one that was voided while holds had some of it. */
const voidedInHold = fc.option(fc.record({ voidedInHold: fc.constant(true as const) }), { nil: {} });

const aGrant: fc.Arbitrary<Grant> = fc
  .tuple(
    plannedEnds,
    voidedInHold,
    fc.record({
      grantId: text,
      source: aSource,
      priority: count,
      effectiveAt: anInstant,
      expiresAt: orNull(anInstant),
      features: orNull(fc.array(text, { maxLength: 2 })),
      origin: anOrigin,
      rollover: orNull(fc.record({ cap: orNull(anAmount), expiresAt: anInstant })),
      grantedAt: anInstant,
      granted: anAmount,
      available: anAmount,
      held: anAmount,
      consumed: anAmount,
      expired: anAmount,
      voided: anAmount,
      rolledOver: anAmount,
    }),
  )
  .map(([planned, voided, grant]) => ({ ...grant, ...planned, ...voided }));

/** One part of a grant with another content, all but its origin. */
const aPartOfGrant: fc.Arbitrary<Partial<Grant>> = aGrant.chain((grant) =>
  fc
    .constantFrom(...Object.entries(grant).filter(([key]) => key !== 'origin'))
    .map(([key, value]: readonly [string, unknown]) => ({ [key]: value })),
);

const aDraw: fc.Arbitrary<Draw> = fc.record({ grantId: text, source: aSource, amount: anAmount });

const anAutoTopUp: fc.Arbitrary<AutoTopUp> = fc.record({
  subscriptionId: text,
  terms: fc.record({
    enabled: fc.boolean(),
    threshold: anAmount,
    target: anAmount,
    dailyCap: orNull(anAmount),
    monthlyCap: orNull(anAmount),
  }),
  stopped: orNull(text),
  consecutiveFailures: count,
  requests: count,
  inFlight: orNull(
    fc.record(
      { requestId: text, quantity: anAmount, subscriptionId: text, plan: aPlan, price: aPrice },
      { requiredKeys: ['requestId', 'quantity', 'plan', 'price'] },
    ),
  ),
  askedOn: fc.record({ day: text, daily: anAmount, month: text, monthly: anAmount }),
});

const aWallet: fc.Arbitrary<Wallet> = fc.record({
  creditSystem: text,
  grants: fc.array(aGrant, { maxLength: 3 }),
  closed: fc.array(aGrant, { maxLength: 1 }),
  holds: fc.array(
    fc.record({
      id: text,
      feature: orNull(text),
      placedAt: anInstant,
      timesOutAt: anInstant,
      draws: fc.array(aDraw, { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
  balance: fc.record({ included: anAmount, purchased: anAmount, promotional: anAmount, held: anAmount }),
  uncovered: fc.record({ blocked: anAmount, billable: anAmount }),
  low: fc.boolean(),
  autoTopUp: orNull(anAutoTopUp),
});

const aLimit = fc.record({
  creditSystem: text,
  threshold: anAmount,
  action: fc.constantFrom('alert' as const, 'restrict' as const),
});

const aSubscription: fc.Arbitrary<Subscription> = fc.record({
  id: text,
  startsAt: anInstant,
  endsAt: orNull(anInstant),
  terms: fc.array(
    fc.record(
      {
        number: count,
        from: anInstant,
        plan: aPlan,
        anchor: anInstant,
        lowCreditLimits: fc.array(aLimit, { maxLength: 2 }),
      },
      { requiredKeys: ['number', 'from', 'plan', 'anchor'] },
    ),
    { maxLength: 2 },
  ),
  schedules: fc.array(
    fc.record({
      creditSystem: text,
      kind: fc.constantFrom('allowance' as const, 'pack' as const),
      nextIndex: count,
      nextAt: anInstant,
    }),
    { maxLength: 2 },
  ),
  purchasedIn: fc.array(text, { maxLength: 2 }),
});

const aState: fc.Arbitrary<AccountState> = fc.record({
  exists: fc.boolean(),
  recordedThrough: orNull(anInstant),
  subscriptions: fc.array(aSubscription, { maxLength: 2 }),
  wallets: fc
    .array(fc.tuple(text, aWallet), { maxLength: 3 })
    .map((wallets): Record<string, Wallet> => Object.fromEntries(wallets)),
});

type ChangeOf<T> = (former: T) => T;

/** Replaces any one part by that of another; all else stays the same objects, as an event leaves them. */
const aPartOf = <T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<ChangeOf<T>> =>
  arbitrary.chain((other) =>
    fc
      .constantFrom(...Object.entries(other))
      .map(([key, value]: readonly [string, unknown]): ChangeOf<T> => (former) => ({
        ...former,
        [key]: value,
      })),
  );

const eachOf =
  <T>(change: ChangeOf<T>): ChangeOf<readonly T[]> =>
  (former) =>
    former.map(change);
const inGrants =
  (change: ChangeOf<readonly Grant[]>): ChangeOf<Wallet> =>
  (wallet) => ({
    ...wallet,
    grants: change(wallet.grants),
  });
const inWallets =
  (change: ChangeOf<Wallet>): ChangeOf<AccountState> =>
  (state) => ({
    ...state,
    wallets: Object.fromEntries(Object.entries(state.wallets).map(([key, wallet]) => [key, change(wallet)])),
  });

/** Any one thing about an account, at any depth. */
const aChange: fc.Arbitrary<ChangeOf<AccountState>> = fc.oneof(
  aPartOf(aState),
  aPartOf(aWallet).map(inWallets),
  aPartOf(aGrant).map((change) => inWallets(inGrants(eachOf(change)))),
  fc.constant(inWallets(inGrants((grants) => grants.slice(1)))),
  fc.constant(inWallets(inGrants((grants) => grants.toReversed()))),
);

/** Only what the moving part holds. */
const aMovement: fc.Arbitrary<ChangeOf<AccountState>> = fc
  .tuple(aState, aWallet, aGrant)
  .map(([{ recordedThrough }, { balance, uncovered, low, holds }, moved]) => {
    const { available, held, consumed, expired, voided, rolledOver } = moved;
    const amounts = { available, held, consumed, expired, voided, rolledOver };
    const moveGrants = inGrants(eachOf((grant) => ({ ...grant, ...amounts })));
    const moveWallets = inWallets((wallet) => ({ ...moveGrants(wallet), balance, uncovered, low, holds }));
    return (state) => ({ ...moveWallets(state), recordedThrough });
  });

/** The same content, its keys in the opposite order. */
function reversed(value: unknown): unknown {
  if (value instanceof Amount || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, content]) => [key, reversed(content)]),
  );
}

describe('snapshots', () => {
  it('give back any account state exactly', () => {
    fc.assert(
      fc.property(aState, (state) => {
        const text = encodeAccountState(state);
        const decoded = decodeAccountState(text);
        expect(decoded).toEqual(state);
        expect(encodeAccountState(decoded)).toBe(text);
      }),
    );
  });

  it('give back any grant exactly', () => {
    fc.assert(
      fc.property(aGrant, (grant) => {
        expect(decodeGrant(encodeGrant(grant))).toEqual(grant);
      }),
    );
  });

  it('are written as JSON.stringify writes their content', () => {
    fc.assert(
      fc.property(aState, (state) => {
        const text = encodeAccountState(state);
        expect(text).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('tell a grant from what it was before, whatever an event changed but its origin', () => {
    fc.assert(
      fc.property(aGrant, fc.array(aPartOfGrant, { maxLength: 4 }), (first, changes) => {
        let grant = first;
        for (const change of changes) {
          encodeGrant(grant);
          grant = { ...grant, ...change };
          // What has a new origin is written from the start.
          expect(encodeGrant(grant)).toBe(encodeGrant({ ...grant, origin: { ...grant.origin } }));
        }
      }),
    );
  });

  it('have one text for one content, however its objects were put together', () => {
    fc.assert(
      fc.property(aState, (state) => {
        expect(encodeAccountState(reversed(state) as AccountState)).toBe(encodeAccountState(state));
      }),
    );
  });
});

describe('the moving part of a state', () => {
  it('makes the state out of any former one of the same terms, as it was or as it was stored', () => {
    fc.assert(
      fc.property(aState, fc.array(aMovement, { maxLength: 3 }), (former, movements) => {
        const state = movements.reduce((before, move) => move(before), former);
        expect(haveSameTerms(former, state)).toBe(true);
        expect(withMoving(former, encodeMoving(state))).toEqual(state);
        const stored = decodeAccountState(encodeAccountState(former));
        const restored = withMoving(stored, encodeMoving(state));
        expect(restored).toEqual(state);
        expect(encodeAccountState(restored)).toBe(encodeAccountState(state));
      }),
    );
  });

  it('holds all that can change while the terms are the same', () => {
    fc.assert(
      fc.property(aState, aChange, (former, change) => {
        const state = change(former);
        if (haveSameTerms(former, state)) expect(withMoving(former, encodeMoving(state))).toEqual(state);
        else expect(haveSameTerms(state, former)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused by a state of other wallets or grants', () => {
    fc.assert(
      fc.property(aState, aState, (one, other) => {
        const grantsOf = ({ wallets }: AccountState) =>
          Object.keys(wallets)
            .sort()
            .map((key) => wallets[key]?.grants.length);
        fc.pre(grantsOf(one).join() !== grantsOf(other).join());
        expect(() => withMoving(one, encodeMoving(other))).toThrow(/that moved/);
      }),
    );
  });
});
