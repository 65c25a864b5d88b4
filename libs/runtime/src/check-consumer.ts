import type { UsageConsumerStatus } from '#usage-stream';

/** Well means: a member of the group, and no partition stuck on a batch that keeps being refused. */
export function checkConsumer({ state, problem, stuck: [stuck] }: UsageConsumerStatus): Promise<void> {
  if (state === 'disconnected') return Promise.reject(new Error(problem ?? 'not connected yet'));
  if (!stuck) return Promise.resolve();
  const { partition, offset, attempts, error } = stuck;
  const times = `${attempts} attempts`;
  return Promise.reject(
    new Error(`partition ${partition} is stuck at offset ${offset} after ${times}: ${error}`),
  );
}
