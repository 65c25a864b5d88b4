import { earlier, instantFromMs, later, type Instant } from '#domain';
import type { PartitionProgress } from '#usage-stream';
import type { ReadStore } from '#read-store';

/** Before anything was heard of a partition, nothing may expire. */
const UNKNOWN: Instant = instantFromMs(Date.UTC(1970, 0, 1));

/**
 * How far usage has been consumed, over all partitions and all consumers: what bounds every expiry. Each process
 * publishes its own partitions in the read store and takes the least of all of them. It may lag; that only
 * keeps expired credits aside a little longer.
 */
export class UsageHorizon {
  #least: Instant | undefined;

  private constructor(
    private readonly readStore: ReadStore | undefined,
    private readonly partitions: () => Promise<readonly string[]>,
  ) {}

  /** Without Kafka nothing can be waiting anywhere: usage is consumed through now. */
  static withoutStream(): UsageHorizon {
    return new UsageHorizon(undefined, () => Promise.resolve([]));
  }

  /** `partitions`: every partition of the usage topic, as `topic/partition`; one nobody has reported on yet bounds all. */
  static overPartitions(readStore: ReadStore, partitions: () => Promise<readonly string[]>): UsageHorizon {
    return new UsageHorizon(readStore, partitions);
  }

  /** Every usage message that arrived before this instant has a durable outcome. */
  consumedThrough(now: Instant): Instant {
    if (!this.readStore) return now;
    return earlier(this.#least ?? UNKNOWN, now);
  }

  /**
   * Tells all processes how far this one's partitions are, and learns how far theirs are. A partition that nobody has
   * reported on is told of as unknown, so that readers, who do not ask the broker, wait for it as well; a horizon
   * never goes back, so that whoever knows better stays right.
   */
  async exchange(progress: readonly PartitionProgress[]): Promise<void> {
    if (!this.readStore) return;
    const partitions = await this.partitions();
    const known = new Map(
      (await this.readStore.horizons()).map((row) => [row.partition, row.consumedThrough]),
    );
    const own = progress.map(({ topic, partition, consumedThroughMs }) => ({
      partition: `${topic}/${partition}`,
      consumedThrough: instantFromMs(consumedThroughMs),
    }));
    const unheardOf = partitions
      .filter((partition) => !known.has(partition))
      .map((partition) => ({ partition, consumedThrough: UNKNOWN }));
    const news = [...unheardOf, ...own];
    // Together: between the two a reader would take the reported partitions for all there are.
    if (news.length > 0) await this.readStore.publishHorizons(news);
    for (const { partition, consumedThrough } of news) {
      known.set(partition, later(known.get(partition) ?? UNKNOWN, consumedThrough));
    }
    this.#least = partitions
      .map((partition) => known.get(partition) ?? UNKNOWN)
      .reduce<Instant | undefined>((least, at) => (least === undefined ? at : earlier(least, at)), undefined);
  }
}
