import { alertOf, type Alert, type rpc } from '#contracts';
import type { AccountEvent } from '#domain';
import type { ServiceCalls } from '#platform';

/** The services of a ledger that a customer's actions need. */
export interface CustomerServices {
  readonly ledger: ServiceCalls<rpc.LedgerService>;
  readonly wallets: ServiceCalls<rpc.WalletService>;
  /** A moment so many milliseconds from the ledger's present. */
  fromNow(ms: number): rpc.Timestamp;
  /** The events of an account as they are stored. */
  events(customerId: string): Promise<readonly AccountEvent[]>;
}

const HOUR = 3_600_000;

type Rest<Request> = Partial<Request> & { readonly key?: string };

/**
 * One customer of a running ledger. Every command has a key of its own unless it is given one, and every read waits
 * until it shows what was written before: what a test says is what it is about.
 */
export class Customer {
  /** The account's revision after the last command; -1 before the first. */
  revision = -1;
  #commands = 0;

  constructor(
    readonly id: string,
    private readonly client: CustomerServices,
  ) {}

  start(
    planId: string,
    rest: Rest<rpc.StartSubscriptionRequest> = {},
  ): Promise<rpc.StartSubscriptionResponse> {
    return this.#sent(
      this.client.ledger.startSubscription({ ...this.#keyed('start', rest), planId, ...rest }),
    );
  }

  change(
    subscriptionId: string,
    planId: string,
    rest: Rest<rpc.ChangeSubscriptionRequest> = {},
  ): Promise<rpc.ChangeSubscriptionResponse> {
    const request = { ...this.#keyed('change', rest), subscriptionId, planId, ...rest };
    return this.#sent(this.client.ledger.changeSubscription(request));
  }

  cancel(
    subscriptionId: string,
    rest: Rest<rpc.CancelSubscriptionRequest> = {},
  ): Promise<rpc.CancelSubscriptionResponse> {
    const request = { ...this.#keyed('cancel', rest), subscriptionId, ...rest };
    return this.#sent(this.client.ledger.cancelSubscription(request));
  }

  /** Usage that has happened. */
  use(
    feature: string,
    quantity: string,
    rest: Partial<rpc.UsageEvent> = {},
  ): Promise<rpc.RecordUsageResponse> {
    return this.#used('METERED', feature, quantity, rest);
  }

  /** Usage that asks first. */
  ask(
    feature: string,
    quantity: string,
    rest: Partial<rpc.UsageEvent> = {},
  ): Promise<rpc.RecordUsageResponse> {
    return this.#used('SYNCHRONOUS', feature, quantity, rest);
  }

  reverse(usageId: string, rest: Rest<rpc.ReverseDebitRequest> = {}): Promise<rpc.ReverseDebitResponse> {
    const usage = { usageSource: 'test', usageId, reason: 'refund' };
    return this.#sent(
      this.client.ledger.reverseDebit({ ...this.#keyed('reverse', rest), ...usage, ...rest }),
    );
  }

  /** Sets credits aside, for an hour unless told otherwise. */
  hold(
    creditSystem: string,
    amount: string,
    rest: Rest<rpc.PlaceHoldRequest> = {},
  ): Promise<rpc.PlaceHoldResponse> {
    const credits = rest.feature === undefined ? { creditSystem, amount } : {};
    const request = {
      ...this.#keyed('hold', rest),
      ...credits,
      timesOutAt: this.client.fromNow(HOUR),
      ...rest,
    };
    return this.#sent(this.client.ledger.placeHold(request));
  }

  capture(holdId: string, rest: Rest<rpc.CaptureHoldRequest> = {}): Promise<rpc.CaptureHoldResponse> {
    return this.#sent(this.client.ledger.captureHold({ ...this.#keyed('capture', rest), holdId, ...rest }));
  }

  release(holdId: string, rest: Rest<rpc.ReleaseHoldRequest> = {}): Promise<rpc.ReleaseHoldResponse> {
    return this.#sent(this.client.ledger.releaseHold({ ...this.#keyed('release', rest), holdId, ...rest }));
  }

  grant(
    creditSystem: string,
    amount: string,
    rest: Rest<rpc.GrantCreditsRequest> = {},
  ): Promise<rpc.GrantCreditsResponse> {
    const why = { reason: 'welcome', actor: 'support' };
    const request = { ...this.#keyed('grant', rest), creditSystem, amount, ...why, ...rest };
    return this.#sent(this.client.ledger.grantCredits(request));
  }

  buy(
    creditSystem: string,
    quantity: string,
    rest: Rest<rpc.PurchaseCreditsRequest> = {},
  ): Promise<rpc.PurchaseCreditsResponse> {
    const keyed = this.#keyed('purchase', rest);
    const request = { ...keyed, creditSystem, quantity, paymentReference: 'invoice 1', ...rest };
    return this.#sent(this.client.ledger.purchaseCredits(request));
  }

  void(
    creditSystem: string,
    grantId: string,
    rest: Rest<rpc.VoidGrantRequest> = {},
  ): Promise<rpc.VoidGrantResponse> {
    const request = { ...this.#keyed('void', rest), creditSystem, grantId, reason: 'by mistake', ...rest };
    return this.#sent(this.client.ledger.voidGrant(request));
  }

  autoTopUp(
    creditSystem: string,
    terms: Partial<rpc.AutoTopUpTerms>,
    rest: Rest<rpc.ConfigureAutoTopUpRequest> = {},
  ): Promise<rpc.ConfigureAutoTopUpResponse> {
    const whole = { enabled: true, threshold: '', target: '', dailyCap: '', monthlyCap: '', ...terms };
    const request = { ...this.#keyed('auto top-up', rest), creditSystem, terms: whole, ...rest };
    return this.#sent(this.client.ledger.configureAutoTopUp(request));
  }

  /** The payment of an automatic top-up went through. */
  paid(
    creditSystem: string,
    requestId: string,
    rest: Rest<rpc.ReportTopUpPaymentRequest> = {},
  ): Promise<rpc.ReportTopUpPaymentResponse> {
    const how = { outcome: 'SUCCEEDED' as const, paymentReference: 'charge 1' };
    return this.#reported(creditSystem, requestId, { ...how, ...rest });
  }

  /** The payment of an automatic top-up failed. */
  notPaid(
    creditSystem: string,
    requestId: string,
    rest: Rest<rpc.ReportTopUpPaymentRequest> = {},
  ): Promise<rpc.ReportTopUpPaymentResponse> {
    const how = { outcome: 'FAILED' as const, failureReason: 'card declined' };
    return this.#reported(creditSystem, requestId, { ...how, ...rest });
  }

  async wallet(creditSystem: string, rest: Partial<rpc.GetWalletRequest> = {}): Promise<rpc.Wallet> {
    const { wallet } = await this.client.wallets.getWallet({ ...this.#shown(), creditSystem, ...rest });
    if (!wallet) throw new Error(`no wallet of ${creditSystem} was answered`);
    return wallet;
  }

  /** What can be spent now. */
  async available(creditSystem: string): Promise<string> {
    return (await this.wallet(creditSystem)).totalAvailable;
  }

  /** Oldest first, as a story is told. */
  async transactions(rest: Partial<rpc.ListTransactionsRequest> = {}): Promise<readonly rpc.Transaction[]> {
    const { transactions } = await this.client.wallets.listTransactions({ ...this.#shown(), ...rest });
    return transactions.toReversed();
  }

  transaction(transactionId: string): Promise<rpc.GetTransactionResponse> {
    return this.client.wallets.getTransaction({ ...this.#shown(), transactionId });
  }

  access(feature: string, quantity = ''): Promise<rpc.CheckAccessResponse> {
    return this.client.wallets.checkAccess({ ...this.#shown(), feature, quantity });
  }

  /** The account's events as they are stored. */
  events(): Promise<readonly AccountEvent[]> {
    return this.client.events(this.id);
  }

  /** What of its events is published on `ledger-alerts`, oldest first. */
  async alerts(): Promise<readonly Alert[]> {
    const placed = (await this.events()).map((event, revision) => ({
      customerId: this.id,
      eventId: `event ${revision}`,
      revision,
      event,
    }));
    return placed.flatMap((event) => alertOf(event) ?? []);
  }

  #reported(
    creditSystem: string,
    requestId: string,
    rest: Rest<rpc.ReportTopUpPaymentRequest>,
  ): Promise<rpc.ReportTopUpPaymentResponse> {
    const request = { ...this.#keyed('payment', rest), creditSystem, requestId, ...rest };
    return this.#sent(this.client.ledger.reportTopUpPayment(request));
  }

  #used(
    mode: rpc.UsageMode,
    feature: string,
    quantity: string,
    rest: Partial<rpc.UsageEvent>,
  ): Promise<rpc.RecordUsageResponse> {
    const usage = {
      customerId: this.id,
      source: 'test',
      id: `usage ${++this.#commands}`,
      feature,
      quantity,
      time: this.client.fromNow(0),
      dimensions: {},
      ...rest,
    };
    return this.#sent(this.client.ledger.recordUsage({ usage, mode }));
  }

  #keyed(what: string, { key }: { readonly key?: string }): { customerId: string; idempotencyKey: string } {
    return { customerId: this.id, idempotencyKey: key ?? `${what} ${++this.#commands}` };
  }

  #shown(): { customerId: string; minRevision?: number } {
    return this.revision < 0 ? { customerId: this.id } : { customerId: this.id, minRevision: this.revision };
  }

  async #sent<T extends { readonly revision: number }>(call: Promise<T>): Promise<T> {
    const answer = await call;
    this.revision = Math.max(this.revision, answer.revision);
    return answer;
  }
}
