import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { rpc } from '#contracts';
import { CallFailed, connectService, type ServiceClient } from '#platform';
import type { Random } from '../../support/random.js';

/** Answers that mean "send it again"; what a broken connection looks like is one of them. */
const AGAIN = new Set<number>([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.CANCELLED,
]);

/** Codes that the transport makes up when a connection breaks, besides the service's own use of them. */
const TRANSPORT = new Set<number>([status.INTERNAL, status.UNKNOWN]);

const REFUSED = new Set<number>([status.FAILED_PRECONDITION]);

/** A call that gets no answer at all within this time has found a process that hangs or sleeps. */
const CALL_TIMEOUT_MS = 5_000;

type Calls = ServiceClient<rpc.LedgerService>['call'];

/** A caller who sends a command with the same key, now to this process and now to that, until one answers. */
export class LedgerCaller {
  readonly #clients: readonly ServiceClient<rpc.LedgerService>[];
  #repeats = 0;
  #closed = false;

  constructor(
    addresses: readonly string[],
    private readonly random: Random,
  ) {
    this.#clients = addresses.map((address) => connectService<rpc.LedgerService>('LedgerService', address));
  }

  get repeats(): number {
    return this.#repeats;
  }

  /**
   * @param giveUpAfterMs with an error, because by then every process should have been back
   * @throws CallFailed what no repeat will change
   */
  async ask<T>(call: (calls: Calls, options: { timeoutMs: number }) => Promise<T>, giveUpAfterMs = 300_000) {
    const deadline = Date.now() + giveUpAfterMs;
    for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      try {
        return await call(this.random.pick(this.#clients).call, { timeoutMs: CALL_TIMEOUT_MS });
      } catch (error) {
        if (this.#closed || !isPassing(error) || Date.now() > deadline) throw error;
        this.#repeats += 1;
        await delay(pauseMs * (0.5 + Math.random()));
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.close();
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof CallFailed)) return false;
  if (AGAIN.has(error.code)) return true;
  // The service names a reason.
  return TRANSPORT.has(error.code) && error.reason === '';
}

/** The answer is no, and will stay no: a rule forbids it. */
export function isRefusedByRule(error: unknown): boolean {
  return error instanceof CallFailed && REFUSED.has(error.code);
}
