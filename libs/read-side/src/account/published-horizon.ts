import { earlier, instantFromMs, type Instant } from '#domain';
import type { ReadStore } from '#read-store';

/** Before anything was heard of a partition, nothing counts as expired for good. */
const UNKNOWN: Instant = instantFromMs(0);

/** How old the answer may get: it only decides whether an expired remainder still shows as pending. */
const MAX_AGE_MS = 1_000;

/**
 * How far usage has been consumed over all partitions, as the ledgers publish it in the read store: also of those
 * that nobody has reported on, as unknown.
 */
export class PublishedHorizon {
  #least: Instant = UNKNOWN;
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;

  /** @param topic the usage topic; undefined: there is none */
  constructor(
    private readonly readStore: ReadStore,
    private readonly topic: string | undefined,
  ) {}

  /** Without a usage topic nothing can be waiting anywhere: usage is consumed through now. */
  async consumedThrough(now: Instant): Promise<Instant> {
    if (this.topic === undefined) return now;
    if (performance.now() - this.#readAt > MAX_AGE_MS) {
      this.#reading ??= this.#read(this.topic).finally(() => (this.#reading = undefined));
      await this.#reading;
    }
    return earlier(this.#least, now);
  }

  async #read(topic: string): Promise<void> {
    const all = (await this.readStore.horizons())
      .filter(({ partition }) => partition.startsWith(`${topic}/`))
      .map(({ consumedThrough }) => consumedThrough);
    this.#least = all.reduce((least, at) => earlier(least, at), all[0] ?? UNKNOWN);
    this.#readAt = performance.now();
  }
}
