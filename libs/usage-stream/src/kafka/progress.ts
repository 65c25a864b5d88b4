import type { PartitionProgress } from '../port.js';

/** At `at`, every message that had reached the partition was below `high`. */
interface Mark {
  at: number;
  readonly high: bigint;
}

interface PartitionState {
  /** The first offset without a durable outcome; undefined until it is known. */
  position: bigint | undefined;
  /** The high watermark seen last. */
  high: bigint;
  /** Ascending in both fields. */
  marks: Mark[];
  consumedThroughMs: number;
}

/** Marks kept per partition: an hour's backlog at one a second, thinned out beyond that. */
const MAX_MARKS = 3600;

/**
 * Knows how far each assigned partition has been consumed, from two sources: the high watermark, looked at now and
 * then (once every message below it is done, everything that arrived before that look is done), and the time at
 * which the broker appended the last message done. Time stamps chosen by producers are worth nothing here.
 */
export class ProgressTracker {
  readonly #partitions = new Map<number, PartitionState>();

  constructor(private readonly topic: string) {}

  /** These partitions and no others, all of them at unknown positions: another member may have gone on meanwhile. */
  assign(partitions: readonly number[]): void {
    this.#partitions.clear();
    for (const partition of partitions) {
      this.#partitions.set(partition, { position: undefined, high: 0n, marks: [], consumedThroughMs: 0 });
    }
  }

  assigned(): readonly number[] {
    return [...this.#partitions.keys()].sort((a, b) => a - b);
  }

  /** Assigned partitions whose position nobody has told yet. */
  unknown(): readonly number[] {
    return this.assigned().filter((partition) => this.#partitions.get(partition)?.position === undefined);
  }

  /**
   * Every message below `next` has a durable outcome.
   * @param appendedAtMs when the broker appended the last of them; leave out what a producer has chosen
   */
  advance(partition: number, next: bigint, appendedAtMs?: number): void {
    const state = this.#partitions.get(partition);
    if (state === undefined) return;
    if (state.position === undefined || next > state.position) state.position = next;
    if (appendedAtMs !== undefined && next === state.position) {
      state.consumedThroughMs = Math.max(state.consumedThroughMs, appendedAtMs);
    }
    settle(state);
  }

  /** The high watermark was asked for at `at` (the time before the question) and is `high`. */
  observe(partition: number, high: bigint, at: number): void {
    const state = this.#partitions.get(partition);
    if (state === undefined) return;
    if (high > state.high) state.high = high;
    const last = state.marks.at(-1);
    if (last?.high === high) last.at = at;
    else state.marks.push({ at, high });
    // Half of the marks still bound the same span, only more coarsely.
    if (state.marks.length > MAX_MARKS) state.marks = state.marks.filter((_, index) => index % 2 === 1);
    settle(state);
  }

  progress(): readonly PartitionProgress[] {
    return [...this.#partitions]
      .map(([partition, { position = 0n, high, consumedThroughMs }]) => {
        const lag = position >= high ? 0n : high - position;
        return { topic: this.topic, partition, consumedThroughMs, lag: Number(lag) };
      })
      .sort((a, b) => a.partition - b.partition);
  }
}

/** Turns every mark that has been reached into time. */
function settle(state: PartitionState): void {
  const { position } = state;
  if (position === undefined) return;
  let reached = 0;
  for (const mark of state.marks) {
    if (mark.high > position) break;
    state.consumedThroughMs = Math.max(state.consumedThroughMs, mark.at);
    reached++;
  }
  if (reached > 0) state.marks = state.marks.slice(reached);
}
