import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { EMPTY, type Observable } from 'rxjs';
import type { rpc } from '#contracts';
import { GrpcErrors, streamToCall, type CancellableCall, type WritableCall } from '#platform';
import { answerAccess } from '../access/check-access.js';
import type { ReadSide } from '../read-side.js';
import { READ_SIDE } from '../tokens.js';
import { watchWallet } from '../watch/watch-wallet.js';
import { UnaryCaller } from './unary-caller.js';
import {
  accessQuery,
  customerQuery,
  transactionKey,
  transactionQuery,
  walletQuery,
  watchQuery,
} from './wallet-requests.js';

/** `purser.v1.WalletService`: reads requests, asks the read side, gives the answer. */
@Controller()
@UseFilters(GrpcErrors)
export class WalletController {
  constructor(@Inject(READ_SIDE) private readonly readSide: ReadSide) {}

  @GrpcMethod('WalletService', 'GetWallet')
  async getWallet(
    request: rpc.GetWalletRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.GetWalletResponse> {
    return { wallet: await this.readSide.wallets.get(walletQuery(request), new UnaryCaller(call)) };
  }

  @GrpcMethod('WalletService', 'ListWallets')
  async listWallets(
    request: rpc.ListWalletsRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.ListWalletsResponse> {
    const { customerId, minRevision } = customerQuery(request);
    return this.readSide.wallets.list(customerId, new UnaryCaller(call), minRevision);
  }

  @GrpcMethod('WalletService', 'ListTransactions')
  async listTransactions(
    request: rpc.ListTransactionsRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.ListTransactionsResponse> {
    return this.readSide.transactions.list(transactionQuery(request), new UnaryCaller(call));
  }

  @GrpcMethod('WalletService', 'GetTransaction')
  async getTransaction(
    request: rpc.GetTransactionRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.GetTransactionResponse> {
    const { customerId, revision, minRevision } = transactionKey(request);
    return this.readSide.transactions.get(customerId, revision, new UnaryCaller(call), minRevision);
  }

  @GrpcMethod('WalletService', 'CheckAccess')
  async checkAccess(
    request: rpc.CheckAccessRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.CheckAccessResponse> {
    return answerAccess(accessQuery(request), this.readSide, new UnaryCaller(call));
  }

  @GrpcMethod('WalletService', 'WatchWallet')
  async watchWallet(
    request: rpc.WatchWalletRequest,
    _metadata: unknown,
    call: WritableCall<rpc.WatchWalletResponse>,
  ): Promise<Observable<never>> {
    const { customerId, creditSystem } = watchQuery(request);
    await streamToCall(call, (signal) =>
      mapped(watchWallet(customerId, creditSystem, this.readSide, signal), (wallet) => ({ wallet })),
    );
    return EMPTY;
  }
}

async function* mapped<A, B>(source: AsyncIterable<A>, change: (item: A) => B): AsyncGenerator<B> {
  for await (const item of source) yield change(item);
}
