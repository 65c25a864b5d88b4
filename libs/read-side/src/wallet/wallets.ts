import type { rpc } from '#contracts';
import type { Instant } from '#domain';
import type { LiveCatalog } from '#journal';
import type { Accounts } from '../account/accounts.js';
import type { Caller } from '../account/caller.js';
import { mustKnowCreditSystem } from '../account/known-credit-system.js';
import type { ReadAccount } from '../account/read-account.js';
import { walletMessage } from './wallet-message.js';

export interface WalletQuery {
  readonly customerId: string;
  readonly creditSystem: string;
  readonly asOf: Instant | undefined;
  readonly minRevision: number | undefined;
}

/** Answers what a wallet holds: now, or at a recorded time of the past. */
export class Wallets {
  constructor(
    private readonly accounts: Accounts,
    private readonly catalog: LiveCatalog,
  ) {}

  /** @throws Refused CUSTOMER_UNKNOWN, CREDIT_SYSTEM_UNKNOWN */
  async get(
    { customerId, creditSystem, asOf, minRevision }: WalletQuery,
    caller: Caller,
  ): Promise<rpc.Wallet> {
    await mustKnowCreditSystem(this.catalog, creditSystem);
    const account =
      asOf === undefined
        ? await this.accounts.now(customerId, caller, minRevision)
        : await this.accounts.asOf(customerId, asOf, caller);
    return this.message(account, creditSystem);
  }

  /** By credit system; those the account has never touched are left out. */
  async list(
    customerId: string,
    caller: Caller,
    minRevision: number | undefined,
  ): Promise<rpc.ListWalletsResponse> {
    const account = await this.accounts.now(customerId, caller, minRevision);
    const wallets = Object.keys(account.state.wallets)
      .sort()
      .map((creditSystem) => this.message(account, creditSystem));
    return { wallets, revision: account.revision };
  }

  message(account: ReadAccount, creditSystem: string): rpc.Wallet {
    return walletMessage(account, creditSystem, this.catalog.current);
  }
}
