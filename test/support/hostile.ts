import { HOSTILE_KINDS } from './hostile-kinds.js';
import { HostileUsage, type HostileMessage, type HostileWorld } from './hostile-usage.js';

export type { Fate, GoodUsage, HostileMessage, HostileWorld } from './hostile-usage.js';

const TOTAL_WEIGHT = HOSTILE_KINDS.reduce((sum, [, weight]) => sum + weight, 0);

/** Messages nobody should send, among those that everybody sends; the same seed makes the same ones. */
export function* hostileMessages(world: HostileWorld, count: number): Generator<HostileMessage> {
  const { random } = world;
  const usage = new HostileUsage(world);
  for (let made = 0; made < count; made++) {
    let ticket = random.next() * TOTAL_WEIGHT;
    const [what, , make] =
      HOSTILE_KINDS.find(([, weight]) => (ticket -= weight) < 0) ?? random.pick(HOSTILE_KINDS);
    yield { what, ...make(usage) };
  }
}
