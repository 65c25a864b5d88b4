import {
  Amount,
  decide,
  decideCatalog,
  evolve,
  identityOf,
  initialAccount,
  instant,
  needsHistory,
  walletOf,
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  type CatalogCommand,
  type Decision,
  type History,
  type Instant,
  type PlanDraft,
} from '#domain';
import type { EventStore } from '#event-store';
import { accountStream, EMPTY_STREAM, LiveCatalog, seal, type StreamHead } from '#journal';

interface Account {
  state: AccountState;
  head: StreamHead;
  readonly events: AccountEvent[];
}

/** A command as a test writes it: its key and fingerprint are made up where they do not matter. */
export type TestCommand = AccountCommand extends infer C
  ? C extends { readonly key: string }
    ? Omit<C, 'key' | 'fingerprint'> & { readonly key?: string }
    : C extends { readonly fingerprint: string }
      ? Omit<C, 'fingerprint'>
      : C
  : never;

/** The write side in the small: decides with the domain and appends sealed events, one command at a time. */
export class TestLedger {
  readonly catalog: LiveCatalog;
  now: Instant = instant('2026-01-01T00:00:00Z');
  consumedThrough: Instant | undefined;
  readonly #accounts = new Map<string, Account>();
  #keys = 0;

  constructor(readonly eventStore: EventStore) {
    this.catalog = new LiveCatalog(eventStore);
  }

  at(text: string): this {
    this.now = instant(text);
    return this;
  }

  /** Credit system `credits`, and plan `basic`: 100 credits a month, `call` at one credit, `image` at 2.5. */
  async withBasicPlan(over: Partial<PlanDraft> = {}): Promise<this> {
    await this.#decideCatalog({ type: 'DefineCreditSystem', creditSystem: 'credits', name: 'Credits' });
    await this.#decideCatalog({
      type: 'SavePlanDraft',
      planId: 'basic',
      draft: {
        name: 'Basic',
        credits: [
          {
            creditSystem: 'credits',
            included: { allowance: Amount.parse('100'), resetInterval: { unit: 'month', count: 1 } },
          },
        ],
        features: [
          { feature: 'call', creditSystem: 'credits', creditCost: Amount.parse('1') },
          { feature: 'image', creditSystem: 'credits', creditCost: Amount.parse('2.5') },
        ],
        ...over,
      },
    });
    await this.#decideCatalog({ type: 'PublishPlan', planId: 'basic' });
    return this;
  }

  async subscribe(customerId: string, startsAt?: string): Promise<void> {
    const command: TestCommand = { type: 'StartSubscription', subscriptionId: 'sub', planId: 'basic' };
    await this.send(
      customerId,
      startsAt === undefined ? command : { ...command, startsAt: instant(startsAt) },
    );
  }

  /** Metered usage, happening now unless told otherwise. */
  async use(
    customerId: string,
    id: string,
    quantity: string,
    feature = 'call',
    time = this.now,
  ): Promise<Decision> {
    return this.send(customerId, {
      type: 'RecordUsage',
      source: 'test',
      id,
      mode: 'metered',
      feature,
      quantity: Amount.parse(quantity),
      time,
      dimensions: { model: 'xl' },
    });
  }

  async grant(customerId: string, amount: string, expiresAt?: string): Promise<Decision> {
    return this.send(customerId, {
      type: 'GrantCredits',
      creditSystem: 'credits',
      amount: Amount.parse(amount),
      reason: 'welcome',
      actor: 'support',
      ...(expiresAt !== undefined && { expiresAt: instant(expiresAt) }),
    });
  }

  /** Decides and appends; a refusal throws, since no test here means one. */
  async send(customerId: string, test: TestCommand): Promise<Decision> {
    const command = this.#complete(test);
    const account = this.#accounts.get(customerId) ?? {
      state: initialAccount,
      head: EMPTY_STREAM,
      events: [],
    };
    this.#accounts.set(customerId, account);
    const decision = decide(account.state, command, {
      now: this.now,
      usageConsumedThrough: this.consumedThrough ?? this.now,
      catalog: this.catalog.current,
      history: historyFor(command, account),
    });
    if (decision.kind === 'rejected') throw new Error(`refused: ${decision.message}`);
    if (decision.kind === 'decided')
      await this.#append(customerId, account, [...decision.settlement, ...decision.events]);
    return decision;
  }

  revision(customerId: string): number {
    return this.#accounts.get(customerId)?.head.revision ?? -1;
  }

  state(customerId: string): AccountState {
    return this.#accounts.get(customerId)?.state ?? initialAccount;
  }

  events(customerId: string): readonly AccountEvent[] {
    return this.#accounts.get(customerId)?.events ?? [];
  }

  async #append(customerId: string, account: Account, events: readonly AccountEvent[]): Promise<void> {
    if (events.length === 0) return;
    const stream = accountStream(customerId);
    const { sealed, head } = seal(stream, account.head, events);
    await this.eventStore.append(stream, account.head.revision, sealed);
    account.head = head;
    account.state = events.reduce(evolve, account.state);
    account.events.push(...events);
  }

  async #decideCatalog(command: CatalogCommandOf): Promise<void> {
    const key = `catalog ${++this.#keys}`;
    const decision = decideCatalog(
      this.catalog.current,
      { ...command, key, fingerprint: key },
      { now: this.now },
    );
    if (decision.kind !== 'decided') throw new Error(JSON.stringify(decision));
    await this.catalog.append(decision.events);
  }

  #complete(command: TestCommand): AccountCommand {
    if (command.type === 'Settle') return command;
    if (command.type === 'RecordUsage') return { ...command, fingerprint: command.id };
    const key = command.key ?? `key ${++this.#keys}`;
    return { ...command, key, fingerprint: key };
  }
}

type CatalogCommandOf = CatalogCommand extends infer C
  ? C extends CatalogCommand
    ? Omit<C, 'key' | 'fingerprint'>
    : never
  : never;

function historyFor(command: AccountCommand, { state, events }: Account): History {
  let history: History = {};
  for (;;) {
    const need = needsHistory(state, command, history);
    if (need === undefined) return history;
    if (need.kind === 'hold') {
      const holdClosed = events.some((event) => event.type === 'HoldPlaced' && event.holdId === need.holdId);
      history = { ...history, holdClosed };
    } else if (need.kind === 'closedGrants') {
      const { closed } = walletOf(state, need.creditSystem);
      history = { ...history, closedGrants: closed.filter(({ grantId }) => need.grantIds.includes(grantId)) };
    } else {
      const identity = `usage/${need.source}/${need.id}`;
      const debit = events.filter(
        (event): event is NonNullable<History['debit']>[number] =>
          (event.type === 'DebitReversed' && event.usage.id === need.id) ||
          ((event.type === 'CreditsDebited' || event.type === 'UsageUncovered') &&
            identityOf(event.cause) === identity),
      );
      history = { ...history, debit };
    }
  }
}
