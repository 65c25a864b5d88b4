import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { rpc } from '#contracts';
import { CallFailed, connectService } from '#platform';
import type { Scenario } from '../scenario.js';
import { createSmallDisk } from '../stage/small-disk.js';
import type { Stage } from '../stage/stage.js';
import { customersOf, CREDIT_SYSTEM } from '../traffic/setup.js';

const { OK, UNAVAILABLE }: Readonly<Record<'OK' | 'UNAVAILABLE', number>> = status;

/** What is in hand when the disk fills up may still find a page that was kept for it. */
const REFUSED_WITHIN_MS = 20_000;

export const diskFull: Scenario = {
  name: 'disk-full',
  promise:
    'answers UNAVAILABLE while the disk is full, keeps what it acknowledged, and goes on when there is space',
  shortRounds: 2,
  share: 0.1,
  run: async (play) => {
    const { random, say, tally, rounds } = play;
    const disk = createSmallDisk();
    let stage: Stage | undefined;
    try {
      stage = await play.stage({
        ledgers: 2,
        queries: 1,
        eventStore: 'sqlite',
        readStore: 'sqlite',
        eventFolder: disk.folder,
      });
      const traffic = await play.traffic(stage);
      for (let round = 1; round <= rounds; round++) {
        await delay(500 + random.below(1_500));
        await disk.fill();
        tally.troubled('disk full');
        const refusedAfterMs = await untilUnavailable(stage, `${stage.options.run}-probe-${round}`);
        await readsGoOn(stage);
        const fullMs = 500 + random.below(2_500);
        say(`round ${round}: refused after ${refusedAfterMs} ms, full for ${fullMs} ms more`);
        await delay(fullMs);
        await disk.free();
        await stage.untilReady();
      }
      await play.settle(stage, traffic);
    } finally {
      await stage?.release();
      await disk.release();
    }
  },
};

/** Opens one account after the other until one is refused; returns how long that took, in milliseconds. */
async function untilUnavailable({ ledgers }: Stage, prefix: string): Promise<number> {
  const [ledger] = ledgers;
  const client = connectService<rpc.LedgerService>('LedgerService', ledger?.grpcAddress ?? '');
  const started = Date.now();
  try {
    for (let attempt = 0; Date.now() - started < REFUSED_WITHIN_MS; attempt++) {
      const code = await codeOf(() =>
        client.call.startSubscription({
          customerId: `${prefix}-${attempt}`,
          idempotencyKey: 'start',
          planId: 'fault-steady',
        }),
      );
      if (code === UNAVAILABLE) return Date.now() - started;
      if (code !== OK) throw new Error(`a full disk was answered with status ${code}`);
      await delay(20);
    }
    throw new Error(`the disk is full, and ${REFUSED_WITHIN_MS} ms later everything is still acknowledged`);
  } finally {
    client.close();
  }
}

async function codeOf(call: () => Promise<unknown>): Promise<number> {
  try {
    await call();
    return OK;
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return error.code;
  }
}

/** Nothing that only reads needs space. */
async function readsGoOn({ queries, options }: Stage): Promise<void> {
  const [customerId = ''] = customersOf(options.run, 1);
  const client = connectService<rpc.WalletService>('WalletService', queries[0]?.grpcAddress ?? '');
  try {
    await client.call.getWallet({ customerId, creditSystem: CREDIT_SYSTEM });
  } finally {
    client.close();
  }
}
