import type { rpc } from '#contracts';
import { checkAccess, rejectionSort, walletView, type Access, type Amount } from '#domain';
import type { LiveCatalog } from '#journal';
import { Refused } from '#platform';
import type { Accounts } from '../account/accounts.js';
import type { Caller } from '../account/caller.js';
import type { ReadAccount } from '../account/read-account.js';
import { viewBalance } from '../wallet/wallet-message.js';

export interface AccessQuery {
  readonly customerId: string;
  readonly feature: string;
  /** Units of the feature. */
  readonly quantity: Amount;
  readonly minRevision: number | undefined;
}

/**
 * The verdict that a synchronous debit would get now. A refusal is an answer here, not an error.
 * @throws Refused for a question that makes no sense: of more than can be counted
 */
export async function answerAccess(
  { customerId, feature, quantity, minRevision }: AccessQuery,
  { accounts, catalog }: { readonly accounts: Accounts; readonly catalog: LiveCatalog },
  caller: Caller,
): Promise<rpc.CheckAccessResponse> {
  const account = await accounts.now(customerId, caller, minRevision);
  const { state, at, usageConsumedThrough } = account;
  const context = { now: at, usageConsumedThrough, catalog: catalog.current };
  const access = checkAccess(state, feature, quantity, context);
  if (access.kind === 'rejected' && rejectionSort(access.reason) === 'malformed') throw new Refused(access);
  return accessMessage(access, account);
}

function accessMessage(access: Access, { state, at, revision }: ReadAccount): rpc.CheckAccessResponse {
  const nothing = { reason: '', message: '', credits: '', wallet: null, revision, numbers: {} };
  switch (access.kind) {
    case 'allowed':
      return {
        ...nothing,
        allowed: true,
        credits: access.required.toString(),
        wallet: viewBalance(walletView(state, access.creditSystem, at)),
        creditMetered: true,
      };
    case 'notCreditMetered':
      return { ...nothing, allowed: true, creditMetered: false };
    case 'rejected':
      return {
        ...nothing,
        allowed: false,
        reason: access.reason,
        message: access.message,
        credits: access.numbers?.['required'] ?? '',
        numbers: { ...access.numbers },
        creditMetered: true,
      };
  }
}
