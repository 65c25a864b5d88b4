import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics, type Metrics } from '#platform';
import type { PartitionProgress } from '#usage-stream';
import { PartitionReports } from './partition-reports.js';

const progress = (partition: number, lag: number): PartitionProgress => ({
  topic: 'usage',
  partition,
  lag,
  consumedThroughMs: 0,
});

describe('the lag of the consumer', () => {
  let metrics: Metrics;
  let reports: PartitionReports;
  beforeEach(() => {
    metrics = createMetrics();
    reports = new PartitionReports();
    reports.start({
      horizon: { exchange: () => Promise.resolve() },
      lag: metrics.consumerLag,
      logger: createLogger('silent', 'test'),
    });
  });

  async function shown(): Promise<unknown> {
    const { values } = await metrics.consumerLag.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.partition, value]));
  }

  it('is shown of the partitions that are this process’s, and of none that another one took over', async () => {
    reports.publish([progress(0, 5), progress(1, 7)]);
    expect(await shown()).toEqual({ 'usage/0': 5, 'usage/1': 7 });
    reports.assigned({ assigned: [1, 2] });
    expect(await shown()).toEqual({ 'usage/1': 7 });
    reports.publish([progress(1, 6), progress(2, 3)]);
    expect(await shown()).toEqual({ 'usage/1': 6, 'usage/2': 3 });
  });

  it('is shown of none while the broker is away', async () => {
    reports.publish([progress(0, 5)]);
    reports.assigned({ assigned: [] });
    expect(await shown()).toEqual({});
  });
});
