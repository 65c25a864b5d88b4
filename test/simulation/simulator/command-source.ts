import { hash } from 'node:crypto';
import { Amount, instantFromMs, type AccountCommand, type Instant } from '#domain';
import { CREDIT_SYSTEMS, DAY, FEATURES, HOUR, MINUTE, type Scenery } from './catalog.js';
import type { Random } from './random.js';
import { firstOf, gone, NOTHING_THERE, toCome, type Surroundings } from './surroundings.js';

type Sent = Exclude<AccountCommand, { readonly type: 'Settle' }>;
type WithoutFingerprint<Command> = Command extends Sent ? Omit<Command, 'fingerprint'> : never;

const FEATURE_NAMES = [...Object.values(FEATURES).flat(), 'unmetered'];

/** Makes up what the senders of one account send: mostly about what is there, sometimes twice, sometimes nonsense. */
export class CommandSource {
  readonly #sent: Sent[] = [];
  readonly #subscriptions: string[] = [];
  #holds = 0;
  #count = 0;

  constructor(
    private readonly random: Random,
    private readonly scenery: Scenery,
    /** Whether subscriptions and grants may begin in the past, where usage that was consumed by then had none. */
    private readonly past = true,
  ) {}

  /** Usage of this account, as a producer with a clock of its own would report it. */
  usage(now: number, there = NOTHING_THERE, mode: 'metered' | 'synchronous' = 'metered'): Sent {
    const again = this.#again('RecordUsage');
    if (again) return again;
    const { random } = this;
    return this.#send({
      type: 'RecordUsage',
      source: random.pick(['api', 'batch/1']),
      id: `u${this.#next()}`,
      mode,
      ...this.#units(there),
      time: at(mode === 'synchronous' && !random.oneIn(10) ? now : this.#timeOfUsage(now, there)),
      dimensions: {},
    });
  }

  /** Any command, sent by a person or another service. */
  command(now: number, there = NOTHING_THERE): Sent {
    const again = this.#again();
    if (again) return again;
    const some = (list: readonly unknown[], weight: number) => (list.length > 0 ? weight : 1);
    const kind =
      this.#subscriptions.length === 0
        ? 'start'
        : this.random.weighted({
            sync: 20,
            grant: 12,
            start: there.subscriptions.length === 0 ? 16 : 2,
            change: some(there.subscriptions, 6),
            cancel: 4,
            purchase: some(there.sellers, 8),
            hold: some(there.grants, 16),
            close: some(there.holds, 40),
            reverse: some(there.debits, 16),
            void: some(there.grants, 8),
            configure: some(there.sellers, 6),
            payment: some(there.topUps, 30),
          });
    switch (kind) {
      case 'sync':
        return this.usage(now, there, 'synchronous');
      case 'grant':
        return this.#grant(now, there);
      case 'start':
        return this.#start(now, there);
      case 'change':
        return this.#change(there);
      case 'cancel':
        return this.#send({
          ...this.#keyed(),
          type: 'CancelSubscription',
          subscriptionId: this.#subscription(there),
          when: this.random.pick(['now', 'periodEnd', 'periodEnd']),
        });
      case 'purchase':
        return this.#purchase(there);
      case 'hold':
        return this.#hold(now, there);
      case 'close':
        return this.#closeHold(there);
      case 'reverse':
        return this.#reverse(there);
      case 'void':
        return this.#send({
          ...this.#keyed(),
          type: 'VoidGrant',
          ...this.#anyGrant(there),
          reason: 'simulated',
        });
      case 'configure':
        return this.#configure(there);
      case 'payment':
        return this.#payment(there);
    }
  }

  #start(now: number, there: Surroundings): Sent {
    const { random } = this;
    const subscriptionId = random.oneIn(10) ? 'sub/1' : `sub/${this.#subscriptions.length + 1}`;
    if (!this.#subscriptions.includes(subscriptionId)) this.#subscriptions.push(subscriptionId);
    const from = random.weighted({ now: 6, past: this.past ? 2 : 0, future: 2 });
    const startsAt = {
      now: undefined,
      past: now - random.between(1, 60) * DAY,
      future: this.#toCome(now, there) ?? now + random.between(1, 10) * DAY,
    }[from];
    return this.#send({
      ...this.#keyed(),
      type: 'StartSubscription',
      subscriptionId,
      planId: random.pick(this.scenery.planIds),
      ...(startsAt !== undefined && { startsAt: at(startsAt) }),
    });
  }

  #change(there: Surroundings): Sent {
    const { random } = this;
    return this.#send({
      ...this.#keyed(),
      type: 'ChangeSubscription',
      subscriptionId: this.#subscription(there),
      planId: random.pick(this.scenery.planIds),
      ...(random.oneIn(8) && { planVersion: random.between(1, 2) }),
      when: random.pick(['now', 'periodEnd']),
    });
  }

  #grant(now: number, there: Surroundings): Sent {
    const { random } = this;
    const ends = random.weighted({ never: 2, at: 4, after: 3 });
    const expiresAt = this.#toCome(now, there) ?? now + random.between(1, 20) * 12 * HOUR;
    const effectiveAt =
      (random.oneIn(2) ? this.#toCome(now, there) : undefined) ??
      now + random.between(this.past ? -3 : 0, 3) * DAY;
    return this.#send({
      ...this.#keyed(),
      type: 'GrantCredits',
      creditSystem: random.pick(CREDIT_SYSTEMS),
      amount: this.#amount(),
      reason: 'simulated',
      actor: 'simulator',
      ...(random.oneIn(4) && { effectiveAt: at(effectiveAt) }),
      ...(ends === 'at' && { expiresAt: at(expiresAt) }),
      ...(ends === 'after' && { expiresAfter: random.pick(['PT1H', 'P1D', 'P1W', 'P1M']) }),
      ...(random.oneIn(3) && { features: [random.pick(Object.values(FEATURES).flat())] }),
      ...(random.oneIn(4) && { priority: random.pick([10, 60]) }),
    });
  }

  #purchase(there: Surroundings): Sent {
    const { random } = this;
    const { creditSystem, subscriptionId } = this.#seller(there);
    return this.#send({
      ...this.#keyed(),
      type: 'PurchaseCredits',
      creditSystem,
      quantity: this.#amount(),
      paymentReference: 'simulated',
      ...(random.oneIn(2) && { subscriptionId }),
    });
  }

  #hold(now: number, there: Surroundings): Sent {
    const { random } = this;
    const again = random.oneIn(12) && this.#holds > 0;
    const holdId = `hold/${again ? random.between(1, this.#holds) : (this.#holds += 1)}`;
    const soon = now + random.pick([1, HOUR, 12 * HOUR, 3 * DAY, 20 * DAY, 20 * DAY]);
    return this.#send({
      ...this.#keyed(),
      type: 'PlaceHold',
      holdId,
      timesOutAt: at((random.oneIn(3) ? this.#toCome(now, there) : undefined) ?? soon),
      ...(random.oneIn(2) ? this.#credits(there) : this.#units(there)),
    });
  }

  #closeHold(there: Surroundings): Sent {
    const { random } = this;
    const hold = this.#oneOf(there.holds);
    const holdId = hold?.holdId ?? `hold/${random.between(0, this.#holds)}`;
    if (random.oneIn(3)) return this.#send({ ...this.#keyed(), type: 'ReleaseHold', holdId });
    const amount = random.oneIn(3)
      ? undefined
      : random.pick([
          this.#quantity(),
          ...(hold
            ? [this.#partOf(hold.held), this.#around(hold.held), hold.held.plus(this.#quantity())]
            : []),
        ]);
    return this.#send({ ...this.#keyed(), type: 'CaptureHold', holdId, ...(amount && { amount }) });
  }

  /** All that is left, or a part that ends with one of those that are given back one after the other, or near it. */
  #reverse(there: Surroundings): Sent {
    const { random } = this;
    const debit = this.#oneOf(there.debits);
    const usage = debit
      ? { source: debit.source, id: debit.id }
      : { source: 'api', id: `u${random.between(0, this.#count)}` };
    const whole = debit ? firstOf(debit.parts, random.between(1, debit.parts.length)) : this.#quantity();
    const amount = random.pick([whole, this.#partOf(whole), this.#partOf(whole), this.#around(whole)]);
    return this.#send({
      ...this.#keyed(),
      type: 'ReverseDebit',
      usage,
      reason: 'simulated',
      ...(!random.oneIn(3) && { amount }),
    });
  }

  #configure(there: Surroundings): Sent {
    const { random } = this;
    const { creditSystem, subscriptionId } = this.#seller(there);
    const threshold = random.pick([0, 5, 20, 60, 60]);
    const cap = (amounts: readonly string[]) =>
      random.oneIn(2) ? null : Amount.parse(random.pick(random.oneIn(20) ? ['0'] : amounts));
    return this.#send({
      ...this.#keyed(),
      type: 'ConfigureAutoTopUp',
      creditSystem,
      ...(!random.oneIn(3) && { subscriptionId }),
      terms: {
        enabled: !random.oneIn(6),
        threshold: Amount.parse(`${threshold}`),
        target: Amount.parse(`${threshold + random.pick(random.oneIn(20) ? [0] : [0.25, 10, 30, 80])}`),
        dailyCap: cap(['4', '15', '50']),
        monthlyCap: cap(['15', '60', '200']),
      },
    });
  }

  #payment(there: Surroundings): Sent {
    const { random } = this;
    const { creditSystem, requestId } = this.#oneOf(there.topUps) ?? {
      creditSystem: random.pick(CREDIT_SYSTEMS),
      requestId: `auto-top-up/tokens/${random.between(0, 3)}`,
    };
    const outcome = random.pick(['succeeded', 'failed'] as const);
    return this.#send({
      ...this.#keyed(),
      type: 'ReportTopUpPayment',
      creditSystem,
      requestId,
      outcome,
      ...(outcome === 'succeeded' && !random.oneIn(10) && { paymentReference: 'simulated' }),
    });
  }

  /** When usage happened: now or a while ago, and often at, just before or after something that happened by itself. */
  #timeOfUsage(now: number, there: Surroundings): number {
    const { random } = this;
    const passed = gone(there, now);
    const late = random.weighted({
      now: 8,
      minutes: 4,
      hours: 2,
      days: 1,
      early: 1,
      instant: passed.length > 0 ? 8 : 0,
    });
    switch (late) {
      case 'now':
        return now;
      case 'minutes':
        return now - random.between(0, 20) * MINUTE;
      case 'hours':
        return now - random.between(0, 12) * HOUR;
      case 'days':
        return now - random.between(0, 40) * DAY;
      case 'early':
        return now + random.between(0, 10_000);
      case 'instant':
        return random.pick(passed) + random.pick([-1, -1, 0, 1, -10 * MINUTE]);
    }
  }

  /** At, just before or just after something that time alone will do. */
  #toCome(now: number, there: Surroundings): number | undefined {
    const { random } = this;
    const instants = toCome(there, now);
    if (instants.length === 0 || random.oneIn(4)) return undefined;
    return random.pick(instants) + random.pick([-1, 0, 0, 0, 1]);
  }

  /** Units of a feature that is paid with credits, if there is one: some, or as many as take whole grants. */
  #units(there: Surroundings): { readonly feature: string; readonly quantity: Amount } {
    const { random } = this;
    const priced = this.#oneOf(there.features);
    if (!priced) return { feature: random.pick(FEATURE_NAMES), quantity: this.#quantity() };
    const { feature, creditSystem, creditCost } = priced;
    const paying = payingOf(there, creditSystem);
    if (paying.length === 0 || creditCost.isZero || random.oneIn(2))
      return { feature, quantity: this.#quantity() };
    const credits = firstOf(paying, random.between(1, paying.length)).units;
    return { feature, quantity: Amount.ofUnits((credits * Amount.parse('1').units) / creditCost.units) };
  }

  /** Credits of a wallet: some, or as many as whole grants have. */
  #credits(there: Surroundings): { readonly creditSystem: string; readonly amount: Amount } {
    const { random } = this;
    const grant = this.#oneOf(there.grants.filter(({ pays, left }) => pays && left.isPositive));
    if (!grant) return { creditSystem: random.pick(CREDIT_SYSTEMS), amount: this.#quantity() };
    const paying = payingOf(there, grant.creditSystem);
    const whole = firstOf(paying, random.between(1, paying.length));
    return {
      creditSystem: grant.creditSystem,
      amount: random.pick([whole, whole, this.#partOf(whole), this.#around(whole), this.#quantity()]),
    };
  }

  #subscription({ subscriptions }: Surroundings): string {
    return this.#oneOf(subscriptions) ?? this.random.pick(this.#subscriptions);
  }

  #seller({ sellers }: Surroundings): { readonly creditSystem: string; readonly subscriptionId: string } {
    const { random } = this;
    return (
      this.#oneOf(sellers) ?? {
        creditSystem: random.pick(CREDIT_SYSTEMS),
        subscriptionId: random.pick(this.#subscriptions),
      }
    );
  }

  /** Mostly one with credits in it, and rather one of which a hold has some. */
  #anyGrant({ grants }: Surroundings): { readonly creditSystem: string; readonly grantId: string } {
    const { random } = this;
    const held = grants.filter((grant) => grant.held.isPositive);
    const grant = this.#oneOf(held.length > 0 && random.oneIn(2) ? held : grants);
    if (grant) return { creditSystem: grant.creditSystem, grantId: grant.grantId };
    const creditSystem = random.pick(CREDIT_SYSTEMS);
    const subscription = random.pick(this.#subscriptions).replaceAll('/', '%2F');
    const kind = random.pick(['allowance', 'allowance', 'pack']);
    return { creditSystem, grantId: `${subscription}/${creditSystem}/${kind}/0/${random.between(0, 12)}` };
  }

  /** One of what is there; undefined where nothing is, and sometimes all the same. */
  #oneOf<T>(list: readonly T[]): T | undefined {
    return list.length === 0 || this.random.oneIn(7) ? undefined : this.random.pick(list);
  }

  /** A command that was sent before: the very same, or (rarely) the same id with other content. */
  #again(type?: Sent['type']): Sent | undefined {
    const { random } = this;
    if (!random.oneIn(15)) return undefined;
    const candidates = this.#sent.filter((command) => type === undefined || command.type === type);
    if (candidates.length === 0) return undefined;
    const command = random.pick(candidates);
    if (!random.oneIn(5)) return command;
    if (command.type === 'RecordUsage')
      return fingerprinted({ ...command, quantity: command.quantity.plus(Amount.parse('1')) });
    return { ...command, fingerprint: `${command.fingerprint}x` };
  }

  #send(command: WithoutFingerprint<Sent>): Sent {
    const sent = fingerprinted(command);
    this.#sent.push(sent);
    return sent;
  }

  #keyed(): { readonly key: string } {
    return { key: `k${this.#next()}` };
  }

  #next(): number {
    return (this.#count += 1);
  }

  #quantity(): Amount {
    const { random } = this;
    return Amount.parse(
      random.pick([
        `${random.between(1, 30)}`,
        `${random.between(0, 9)}.${random.between(1, 999)}`,
        '0.000001',
      ]),
    );
  }

  /** Less than all of it, if it can be divided. */
  #partOf(amount: Amount): Amount {
    return Amount.ofUnits((amount.units * BigInt(this.random.between(1, 9))) / 10n);
  }

  /** The least more or less, or a good deal more. */
  #around(amount: Amount): Amount {
    return amount.plus(Amount.parse(this.random.pick(['0.000000000001', '-0.000000000001', '3'])));
  }

  #amount(): Amount {
    const { random } = this;
    return Amount.parse(random.pick([`${random.between(1, 50)}`, `${random.between(0, 20)}.25`]));
  }
}

/** What the grants of a wallet have left, in the order in which they pay. */
function payingOf({ grants }: Surroundings, creditSystem: string): readonly Amount[] {
  return grants
    .filter((grant) => grant.creditSystem === creditSystem && grant.pays && grant.left.isPositive)
    .map(({ left }) => left);
}

function fingerprinted(command: WithoutFingerprint<Sent>): Sent {
  return { ...command, fingerprint: hash('sha256', JSON.stringify(command), 'hex').slice(0, 32) };
}

function at(ms: number): Instant {
  return instantFromMs(ms);
}
