import { describe, expect, it, jest } from '@jest/globals';
import type { EachBatchPayload } from 'kafkajs';

import type { UsageBatch } from '../port.js';
import { runBatch, type BatchRun } from './batch-run.js';

/** A batch of offsets 5, 6, 7, followed by a transaction marker at 8. */
function payload(heartbeat: () => Promise<void> = () => Promise.resolve()) {
  const committed: string[] = [];
  const resolved: string[] = [];
  const messages = ['5', '6', '7'].map((offset) => ({
    offset,
    key: null,
    value: Buffer.from(offset),
    timestamp: `${offset}000`,
    attributes: 0,
    headers: {},
    batchContext: { timestampType: 1 },
  }));
  const given: EachBatchPayload = {
    batch: {
      topic: 'usage',
      partition: 2,
      highWatermark: '9',
      messages,
      isEmpty: () => false,
      firstOffset: () => '5',
      lastOffset: () => '8',
      offsetLag: () => '0',
      offsetLagLow: () => '0',
    },
    resolveOffset: (offset) => resolved.push(offset),
    heartbeat,
    pause: () => () => undefined,
    commitOffsetsIfNecessary: (offsets) => {
      committed.push(
        ...(offsets?.topics[0]?.partitions ?? []).map((one) => `${one.partition}:${one.offset}`),
      );
      return Promise.resolve();
    },
    uncommittedOffsets: () => ({ topics: [] }),
    isRunning: () => true,
    isStale: () => false,
  };
  return { given, committed, resolved };
}

function run(handler: (batch: UsageBatch) => Promise<bigint | undefined>) {
  const membership = {
    generation: 1,
    epoch: 1,
    lost: () => {
      membership.epoch++;
    },
  };
  const onDurable = jest.fn<BatchRun['onDurable']>();
  return { handler, membership, heartbeatIntervalMs: 100, isStopping: () => false, onDurable };
}

const rebalance = Object.assign(new Error('rebalancing'), { type: 'REBALANCE_IN_PROGRESS' });

describe('runBatch', () => {
  it('commits the offset after the last durable one and tells when the broker appended it', async () => {
    const { given, committed, resolved } = payload();
    const batch = run(() => Promise.resolve(6n));
    expect(await runBatch(given, batch)).toEqual({ kind: 'done' });
    expect(committed).toEqual(['2:7']);
    expect(resolved).toEqual(['6']);
    expect(batch.onDurable).toHaveBeenCalledWith(2, 7n, 6000);
  });

  it('commits past the transaction marker behind the last message', async () => {
    const { given, committed } = payload();
    await runBatch(
      given,
      run(() => Promise.resolve(7n)),
    );
    expect(committed).toEqual(['2:9']);
  });

  it('commits nothing of a batch that ends after the group was joined anew', async () => {
    const { given, committed, resolved } = payload();
    const batch = run(() => {
      batch.membership.generation++;
      batch.membership.epoch++;
      return Promise.resolve(7n);
    });
    expect(await runBatch(given, batch)).toEqual({ kind: 'lost' });
    expect([...committed, ...resolved]).toEqual([]);
    expect(batch.onDurable).not.toHaveBeenCalled();
  });

  it('makes the batch stale when a heartbeat is refused, commits what is durable, and lets kafkajs join again', async () => {
    const { given, committed } = payload(() => Promise.reject(rebalance));
    const batch = run(async (given) => {
      while (!given.isStale()) await new Promise((resolve) => setTimeout(resolve, 5));
      return 5n;
    });
    await expect(runBatch(given, batch)).rejects.toBe(rebalance);
    expect(committed).toEqual(['2:6']);
  });

  it('shrugs at a heartbeat that failed for another reason', async () => {
    const { given } = payload(() => Promise.reject(new Error('connection closed')));
    const batch = run(async (given) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(given.isStale()).toBe(false);
      return 7n;
    });
    expect(await runBatch(given, batch)).toEqual({ kind: 'done' });
  });

  it('resolves nothing when the commit fails, so that the messages come again', async () => {
    const { given, resolved } = payload();
    const failing = { ...given, commitOffsetsIfNecessary: () => Promise.reject(new Error('no coordinator')) };
    await expect(
      runBatch(
        failing,
        run(() => Promise.resolve(7n)),
      ),
    ).rejects.toThrow('no coordinator');
    expect(resolved).toEqual([]);
  });

  it('calls a failure of a stale batch lost, not refused', async () => {
    const { given } = payload();
    const batch = run(() => {
      batch.membership.epoch++;
      return Promise.reject(new Error('gave up: stale'));
    });
    expect(await runBatch(given, batch)).toEqual({ kind: 'lost' });
  });

  it.each([4n, 8n])('refuses offset %s, which the batch does not have', async (durable) => {
    const { given, committed } = payload();
    const outcome = await runBatch(
      given,
      run(() => Promise.resolve(durable)),
    );
    expect(outcome).toMatchObject({ kind: 'refused', error: expect.any(RangeError) });
    expect(committed).toEqual([]);
  });
});
