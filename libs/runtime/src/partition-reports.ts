import { toldTrouble, type Logger, type Metrics } from '#platform';
import type { PartitionProgress, UsageConsumerStatus } from '#usage-stream';
import type { UsageHorizon } from '#write-side';

export interface PartitionReportsParts {
  readonly horizon: Pick<UsageHorizon, 'exchange'>;
  readonly lag: Metrics['consumerLag'];
  readonly logger: Logger;
}

/** Passes on how far the partitions are: to the horizon, one exchange at a time, and to the metrics. */
export class PartitionReports {
  #parts: PartitionReportsParts | undefined;
  #trouble: ReturnType<typeof toldTrouble> | undefined;
  #exchanging = false;
  #shown: readonly PartitionProgress[] = [];

  start(parts: PartitionReportsParts): void {
    this.#parts = parts;
    this.#trouble = toldTrouble(
      parts.logger,
      'the usage horizon could not be exchanged; expiries wait',
      'the usage horizon is exchanged again',
    );
  }

  publish(progress: readonly PartitionProgress[]): void {
    this.#show(progress);
    if (!this.#parts || this.#exchanging) return;
    this.#exchanging = true;
    this.#parts.horizon
      .exchange(progress)
      .then(
        () => this.#trouble?.over(),
        (error: unknown) => this.#trouble?.met(error),
      )
      .finally(() => (this.#exchanging = false));
  }

  /** A partition that fell to another process, or to nobody while the broker is away, is not this one's to tell of. */
  assigned({ assigned }: Pick<UsageConsumerStatus, 'assigned'>): void {
    this.#show(this.#shown.filter(({ partition }) => assigned.includes(partition)));
  }

  #show(progress: readonly PartitionProgress[]): void {
    this.#shown = progress;
    if (!this.#parts) return;
    const { lag } = this.#parts;
    lag.reset();
    for (const { topic, partition, lag: messages } of progress) {
      lag.set({ partition: `${topic}/${partition}` }, messages);
    }
  }
}
