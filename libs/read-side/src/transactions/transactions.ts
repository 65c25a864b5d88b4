import type { rpc } from '#contracts';
import type { UsageUncovered } from '#domain';
import type { EventStore } from '#event-store';
import { readAccount, type JournaledEvent, type LiveCatalog } from '#journal';
import { NotFound } from '#platform';
import type { ReadStore, TransactionFilter } from '#read-store';
import type { Accounts } from '../account/accounts.js';
import type { Caller } from '../account/caller.js';
import { mustKnowCreditSystem } from '../account/known-credit-system.js';
import { RevisionNotVisible } from '../feed/errors.js';
import { explain } from './explain.js';
import { pageTokenOf } from './page-token.js';
import { transactionMessage } from './transaction-message.js';

export interface TransactionQuery {
  readonly filter: TransactionFilter;
  readonly pageSize: number;
  /** The revision to go on below. */
  readonly before: number | undefined;
  readonly minRevision: number | undefined;
}

/** The history of a customer's movements, and each of them explained. */
export class Transactions {
  constructor(
    private readonly readStore: ReadStore,
    private readonly eventStore: EventStore,
    private readonly accounts: Accounts,
    private readonly catalog: LiveCatalog,
  ) {}

  /** @throws Refused CUSTOMER_UNKNOWN, CREDIT_SYSTEM_UNKNOWN */
  async list(
    { filter, pageSize, before, minRevision }: TransactionQuery,
    caller: Caller,
  ): Promise<rpc.ListTransactionsResponse> {
    const { creditSystem } = filter;
    if (creditSystem !== undefined) await mustKnowCreditSystem(this.catalog, creditSystem);
    await this.accounts.waitFor(filter.customerId, minRevision, caller);
    const { rows, next } = await this.readStore.transactions(filter, pageSize, before);
    if (rows.length === 0) await this.accounts.mustExist(filter.customerId, caller);
    return {
      transactions: rows.map(transactionMessage),
      nextPageToken: next === undefined ? '' : pageTokenOf(filter, next),
    };
  }

  /** @throws Refused CUSTOMER_UNKNOWN; NotFound TRANSACTION_UNKNOWN; RevisionNotVisible */
  async get(
    customerId: string,
    revision: number,
    caller: Caller,
    minRevision: number | undefined,
  ): Promise<rpc.GetTransactionResponse> {
    await this.accounts.waitFor(customerId, minRevision, caller);
    const row = await this.readStore.transaction(customerId, revision);
    // What could not be paid is the very next event of the same usage.
    const [recorded, following] = row ? await this.#events(customerId, revision, 2) : [];
    if (!row || recorded?.revision !== revision) {
      await this.accounts.mustExist(customerId, caller);
      if (!row && this.accounts.areFarBehind) throw new RevisionNotVisible(customerId, revision, 0);
      throw new NotFound(
        'TRANSACTION_UNKNOWN',
        `customer ${JSON.stringify(customerId)} has no transaction ${revision}`,
      );
    }
    return explain(row, recorded, restOf(recorded, following));
  }

  async #events(customerId: string, from: number, limit: number): Promise<JournaledEvent[]> {
    const events: JournaledEvent[] = [];
    for await (const batch of readAccount(this.eventStore, customerId, from, limit)) events.push(...batch);
    return events;
  }
}

function restOf(debit: JournaledEvent, following: JournaledEvent | undefined): UsageUncovered | undefined {
  if (debit.event.type !== 'CreditsDebited' || debit.event.uncovered.isZero) return undefined;
  return following?.event.type === 'UsageUncovered' ? following.event : undefined;
}
