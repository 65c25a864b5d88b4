import type { ClientReadableStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import type { rpc } from '#contracts';
import { CREDIT_SYSTEM } from './catalog.js';
import type { Service } from './service.js';

/** A customer whose wallet is watched: how long each of its usage events took to show. */
export class Probe {
  readonly latencies: number[] = [];
  /** When each event that is on its way was produced, by the revision that it will have. */
  readonly #onTheWay = new Map<number, number>();
  #next: number;

  private constructor(
    readonly customerId: string,
    private readonly stream: ClientReadableStream<rpc.WatchWalletResponse>,
    revision: number,
  ) {
    this.#next = revision + 1;
    stream.on('data', ({ wallet }: rpc.WatchWalletResponse) => this.#seen(wallet?.revision ?? -1));
  }

  /** Watches a customer's wallet from now on. */
  static async watch({ wallets }: Pick<Service, 'wallets'>, customerId: string): Promise<Probe> {
    const open = wallets.raw['watchWallet'] as (
      request: Partial<rpc.WatchWalletRequest>,
    ) => ClientReadableStream<rpc.WatchWalletResponse>;
    const stream = open.call(wallets.raw, { customerId, creditSystem: CREDIT_SYSTEM });
    const [first] = (await once(stream, 'data')) as [rpc.WatchWalletResponse];
    return new Probe(customerId, stream, first.wallet?.revision ?? -1);
  }

  /** One usage event of this customer goes out now. */
  produced(): void {
    this.#onTheWay.set(this.#next++, performance.now());
  }

  get outstanding(): number {
    return this.#onTheWay.size;
  }

  close(): void {
    // The server answers a cancelled call with an error, which is the end that was asked for.
    this.stream.on('error', () => undefined);
    this.stream.cancel();
  }

  /** A wallet shows everything up to its revision. */
  #seen(revision: number): void {
    const now = performance.now();
    for (const [expected, at] of this.#onTheWay) {
      if (expected > revision) continue;
      this.latencies.push(now - at);
      this.#onTheWay.delete(expected);
    }
  }
}
