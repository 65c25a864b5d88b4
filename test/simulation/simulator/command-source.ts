import { hash } from 'node:crypto';
import { Amount, instantFromMs, type AccountCommand, type Instant } from '#domain';
import { CREDIT_SYSTEMS, DAY, FEATURES, HOUR, MINUTE, type Scenery } from './catalog.js';
import type { Random } from './random.js';

type Sent = Exclude<AccountCommand, { readonly type: 'Settle' }>;
type WithoutFingerprint<Command> = Command extends Sent ? Omit<Command, 'fingerprint'> : never;

const FEATURE_NAMES = [...Object.values(FEATURES).flat(), 'unmetered'];

/** Makes up what the senders of one account send: mostly sensible, sometimes twice, sometimes nonsense. */
export class CommandSource {
  readonly #sent: Sent[] = [];
  readonly #subscriptions: string[] = [];
  readonly #usage: { readonly source: string; readonly id: string }[] = [];
  readonly #holds: string[] = [];
  readonly #grants: { readonly creditSystem: string; readonly grantId: string }[] = [];
  #count = 0;

  constructor(
    private readonly random: Random,
    private readonly scenery: Scenery,
    /** Whether subscriptions and grants may begin in the past, where usage that was consumed by then had none. */
    private readonly past = true,
  ) {}

  /** Usage of this account, as a producer with a clock of its own would report it. */
  usage(now: number, mode: 'metered' | 'synchronous' = 'metered'): Sent {
    const again = this.#again('RecordUsage');
    if (again) return again;
    const { random } = this;
    const usage = { source: random.pick(['api', 'batch/1']), id: `u${this.#next()}` };
    this.#usage.push(usage);
    const late = random.weighted({ now: 8, minutes: 4, hours: 2, days: 1, early: 1 });
    const offset = {
      now: 0,
      minutes: -random.between(0, 20) * MINUTE,
      hours: -random.between(0, 12) * HOUR,
      days: -random.between(0, 40) * DAY,
      early: random.between(0, 10_000),
    }[late];
    return this.#send({
      type: 'RecordUsage',
      ...usage,
      mode,
      feature: random.pick(FEATURE_NAMES),
      quantity: this.#quantity(),
      time: at(now + offset),
      dimensions: {},
    });
  }

  /** Any command, sent by a person or another service. */
  command(now: number): Sent {
    const again = this.#again();
    if (again) return again;
    const { random } = this;
    const kind =
      this.#subscriptions.length === 0
        ? 'start'
        : random.weighted({
            sync: 12,
            grant: 6,
            start: 1,
            change: 2,
            cancel: 1,
            purchase: 4,
            hold: 6,
            close: 6,
            reverse: 5,
            void: 2,
          });
    switch (kind) {
      case 'sync':
        return this.usage(now, 'synchronous');
      case 'grant':
        return this.#grant(now);
      case 'start':
        return this.#start(now);
      case 'change':
        return this.#send({
          ...this.#keyed(),
          type: 'ChangeSubscription',
          subscriptionId: random.pick(this.#subscriptions),
          planId: random.pick(this.scenery.planIds),
          when: random.pick(['now', 'periodEnd']),
        });
      case 'cancel':
        return this.#send({
          ...this.#keyed(),
          type: 'CancelSubscription',
          subscriptionId: random.pick(this.#subscriptions),
          when: random.pick(['now', 'periodEnd']),
        });
      case 'purchase':
        return this.#purchase();
      case 'hold':
        return this.#hold(now);
      case 'close':
        return this.#closeHold();
      case 'reverse':
        return this.#reverse();
      case 'void':
        return this.#send({ ...this.#keyed(), type: 'VoidGrant', ...this.#anyGrant(), reason: 'simulated' });
    }
  }

  #start(now: number): Sent {
    const { random } = this;
    const subscriptionId = random.oneIn(10) ? 'sub/1' : `sub/${this.#subscriptions.length + 1}`;
    if (!this.#subscriptions.includes(subscriptionId)) this.#subscriptions.push(subscriptionId);
    const from = random.weighted({ now: 6, past: this.past ? 2 : 0, future: 2 });
    const startsAt = {
      now: undefined,
      past: now - random.between(1, 60) * DAY,
      future: now + random.between(1, 10) * DAY,
    }[from];
    return this.#send({
      ...this.#keyed(),
      type: 'StartSubscription',
      subscriptionId,
      planId: random.pick(this.scenery.planIds),
      ...(startsAt !== undefined && { startsAt: at(startsAt) }),
    });
  }

  #grant(now: number): Sent {
    const { random } = this;
    const keyed = this.#keyed();
    const creditSystem = random.pick(CREDIT_SYSTEMS);
    this.#grants.push({ creditSystem, grantId: `promotion/${keyed.key}` });
    const ends = random.weighted({ never: 2, at: 3, after: 3 });
    return this.#send({
      ...keyed,
      type: 'GrantCredits',
      creditSystem,
      amount: this.#amount(),
      reason: 'simulated',
      actor: 'simulator',
      ...(random.oneIn(4) && { effectiveAt: at(now + random.between(this.past ? -3 : 0, 3) * DAY) }),
      ...(ends === 'at' && { expiresAt: at(now + random.between(1, 20) * 12 * HOUR) }),
      ...(ends === 'after' && { expiresAfter: random.pick(['PT1H', 'P1D', 'P1W', 'P1M']) }),
      ...(random.oneIn(4) && { features: [random.pick(FEATURES.tokens)] }),
      ...(random.oneIn(4) && { priority: random.pick([10, 60]) }),
    });
  }

  #purchase(): Sent {
    const { random } = this;
    const keyed = this.#keyed();
    const creditSystem = random.pick(CREDIT_SYSTEMS);
    this.#grants.push({ creditSystem, grantId: `purchase/${keyed.key}` });
    return this.#send({
      ...keyed,
      type: 'PurchaseCredits',
      creditSystem,
      quantity: this.#amount(),
      paymentReference: 'simulated',
      ...(random.oneIn(2) && { subscriptionId: random.pick(this.#subscriptions) }),
    });
  }

  #hold(now: number): Sent {
    const { random } = this;
    const again = random.oneIn(10) && this.#holds.length > 0;
    const holdId = again ? random.pick(this.#holds) : `hold/${this.#holds.length + 1}`;
    if (!again) this.#holds.push(holdId);
    return this.#send({
      ...this.#keyed(),
      type: 'PlaceHold',
      holdId,
      timesOutAt: at(now + random.pick([30 * MINUTE, HOUR, 12 * HOUR, 3 * DAY, 20 * DAY])),
      ...(random.oneIn(2)
        ? { creditSystem: random.pick(CREDIT_SYSTEMS), amount: this.#quantity() }
        : { feature: random.pick(FEATURE_NAMES), quantity: this.#quantity() }),
    });
  }

  #closeHold(): Sent {
    const { random } = this;
    const holdId = this.#holds.length === 0 ? 'no hold' : random.pick(this.#holds.slice(-5));
    const keyed = this.#keyed();
    if (random.oneIn(3)) return this.#send({ ...keyed, type: 'ReleaseHold', holdId });
    return this.#send({
      ...keyed,
      type: 'CaptureHold',
      holdId,
      ...(random.oneIn(2) && { amount: this.#quantity() }),
    });
  }

  #reverse(): Sent {
    const { random } = this;
    const usage =
      this.#usage.length === 0 ? { source: 'api', id: 'never' } : random.pick(this.#usage.slice(-12));
    return this.#send({
      ...this.#keyed(),
      type: 'ReverseDebit',
      usage,
      reason: 'simulated',
      ...(random.oneIn(2) && { amount: this.#quantity() }),
    });
  }

  /** Half of what is voided was included in a plan; some of it never was there. */
  #anyGrant(): { readonly creditSystem: string; readonly grantId: string } {
    const { random } = this;
    if (this.#grants.length > 0 && random.oneIn(2)) return random.pick(this.#grants);
    const creditSystem = random.pick(CREDIT_SYSTEMS);
    const subscription = random.pick(this.#subscriptions).replaceAll('/', '%2F');
    const kind = random.pick(['allowance', 'allowance', 'pack']);
    return { creditSystem, grantId: `${subscription}/${creditSystem}/${kind}/0/${random.between(0, 12)}` };
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

  #amount(): Amount {
    const { random } = this;
    return Amount.parse(random.pick([`${random.between(1, 50)}`, `${random.between(0, 20)}.25`]));
  }
}

function fingerprinted(command: WithoutFingerprint<Sent>): Sent {
  return { ...command, fingerprint: hash('sha256', JSON.stringify(command), 'hex').slice(0, 32) };
}

function at(ms: number): Instant {
  return instantFromMs(ms);
}
