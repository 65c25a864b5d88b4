import { setTimeout as delay } from 'node:timers/promises';
import type { rpc } from '#contracts';
import { connectService } from '#platform';

/** Longer than another projector waits before it takes the place of one that was killed (its lease, 10 s). */
const SURELY_QUIET_MS = 20_000;
const QUIET_LOOKS = 3;
const PAUSE_MS = 200;

export interface Settling {
  readonly customers: readonly string[];
  /** What the ledger answered last of each customer, where it answered at all; the histories must have come as far. */
  readonly answered: ReadonlyMap<string, number>;
  /** Three looks without a change are not enough: nothing may move for longer than a lease. */
  readonly surely?: boolean;
}

/**
 * Waits until what was sent shows in the histories: Kafka and the projector work behind the sender's back. Gives up
 * when nothing has moved for longer than a lease.
 */
export async function settled(
  address: string,
  { customers, answered, surely = false }: Settling,
  progress: (done: number) => void,
): Promise<void> {
  const client = connectService<rpc.WalletService>('WalletService', address);
  const revisions = new Map<string, number>();
  let movedAtMs = performance.now();
  for (let quiet = 0, done = false; !done;) {
    let [moved, behind] = [0, 0];
    for (const customerId of customers) {
      const { revision } = await client.call.listWallets({ customerId });
      if (revisions.get(customerId) !== revision) moved += 1;
      if (revision < (answered.get(customerId) ?? 0)) behind += 1;
      revisions.set(customerId, revision);
    }
    progress(customers.length - Math.max(moved, behind));
    quiet = moved === 0 ? quiet + 1 : 0;
    if (moved > 0) movedAtMs = performance.now();
    done =
      quiet >= QUIET_LOOKS && ((behind === 0 && !surely) || performance.now() - movedAtMs > SURELY_QUIET_MS);
    if (!done && quiet >= QUIET_LOOKS) await delay(PAUSE_MS);
  }
  client.close();
}
