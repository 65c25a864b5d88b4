import type { rpc } from '#contracts';
import { Amount, type CreditSource, type Instant } from '#domain';
import { digits, RequestFields } from '#platform';
import type { TransactionFilter } from '#read-store';
import type { AccessQuery } from '../access/check-access.js';
import { readPageToken } from '../transactions/page-token.js';
import { TYPE_MEANINGS } from '../transactions/transaction-message.js';
import type { TransactionQuery } from '../transactions/transactions.js';
import type { WalletQuery } from '../wallet/wallets.js';
import { quoted } from './quoted.js';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;

const SOURCE_MEANINGS: Readonly<Record<string, CreditSource>> = {
  INCLUDED: 'included',
  PURCHASED: 'purchased',
  PROMOTIONAL: 'promotional',
};

/*
 * Requests as queries. Each throws `Refused` (INVALID_ARGUMENT) that names every field that is wrong.
 */

export function walletQuery(request: rpc.GetWalletRequest): WalletQuery {
  const fields = new RequestFields();
  const query = {
    customerId: fields.customerId(request.customerId),
    creditSystem: fields.name(request.creditSystem, 'credit_system'),
    asOf: fields.optionalInstant(request.asOf, 'as_of'),
    minRevision: minRevision(request, fields),
  };
  fields.done();
  return query;
}

export function customerQuery(request: {
  readonly customerId: string;
  readonly minRevision?: number | null | undefined;
}): {
  readonly customerId: string;
  readonly minRevision: number | undefined;
} {
  const fields = new RequestFields();
  const query = {
    customerId: fields.customerId(request.customerId),
    minRevision: minRevision(request, fields),
  };
  fields.done();
  return query;
}

export function watchQuery(request: rpc.WatchWalletRequest): {
  readonly customerId: string;
  readonly creditSystem: string;
} {
  const fields = new RequestFields();
  const query = {
    customerId: fields.customerId(request.customerId),
    creditSystem: fields.name(request.creditSystem, 'credit_system'),
  };
  fields.done();
  return query;
}

export function transactionQuery(request: rpc.ListTransactionsRequest): TransactionQuery {
  const fields = new RequestFields();
  const filter = transactionFilter(request, fields);
  const pageSize = request.pageSize === 0 ? DEFAULT_PAGE_SIZE : request.pageSize;
  if (pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
    fields.fault('page_size', `must be 1 to ${MAX_PAGE_SIZE}, got ${pageSize}`);
  }
  const before = request.pageToken === '' ? undefined : readPageToken(filter, request.pageToken);
  if (request.pageToken !== '' && before === undefined) {
    fields.fault('page_token', `was not given out for these filters, got ${quoted(request.pageToken)}`);
  }
  const query = { filter, pageSize, before, minRevision: minRevision(request, fields) };
  fields.done();
  return query;
}

export function transactionKey(request: rpc.GetTransactionRequest): {
  readonly customerId: string;
  readonly revision: number;
  readonly minRevision: number | undefined;
} {
  const fields = new RequestFields();
  const { transactionId } = request;
  if (!/^(0|[1-9]\d{0,14})$/.test(transactionId)) {
    fields.fault('transaction_id', `must be as ListTransactions gives it, got ${quoted(transactionId)}`);
  }
  const key = {
    customerId: fields.customerId(request.customerId),
    revision: Number(transactionId),
    minRevision: minRevision(request, fields),
  };
  fields.done();
  return key;
}

export function accessQuery(request: rpc.CheckAccessRequest): AccessQuery {
  const fields = new RequestFields();
  const query = {
    customerId: fields.customerId(request.customerId),
    feature: fields.name(request.feature, 'feature'),
    quantity: fields.optionalAmount(request.quantity, 'quantity') ?? Amount.parse('1'),
    minRevision: minRevision(request, fields),
  };
  fields.done();
  return query;
}

function transactionFilter(request: rpc.ListTransactionsRequest, fields: RequestFields): TransactionFilter {
  const customerId = fields.customerId(request.customerId);
  const creditSystem = fields.optionalName(request.creditSystem, 'credit_system');
  const feature = fields.optionalName(request.feature, 'feature');
  const source =
    request.source === 'CREDIT_SOURCE_UNSPECIFIED'
      ? undefined
      : fields.oneOf(request.source, 'source', SOURCE_MEANINGS);
  const types = request.types.flatMap(
    (type, index) => fields.oneOf(type, `types[${index}]`, TYPE_MEANINGS) ?? [],
  );
  const from = fields.optionalInstant(request.from, 'from');
  const to = fields.optionalInstant(request.to, 'to');
  requireOrder(from, to, fields);
  return {
    customerId,
    ...(creditSystem !== undefined && { creditSystem }),
    ...(source !== undefined && { source }),
    ...(types.length > 0 && { types }),
    ...(feature !== undefined && { feature }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

function requireOrder(from: Instant | undefined, to: Instant | undefined, fields: RequestFields): void {
  if (from !== undefined && to !== undefined && to < from)
    fields.fault('to', `lies before from: ${to} < ${from}`);
}

function minRevision(
  { minRevision: given }: { readonly minRevision?: number | null | undefined },
  fields: RequestFields,
): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (!Number.isSafeInteger(given) || given < 0)
    fields.fault('min_revision', `must be 0 to ${Number.MAX_SAFE_INTEGER}, got ${digits(given)}`);
  return given;
}
