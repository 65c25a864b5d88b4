import { setTimeout as delay } from 'node:timers/promises';
import { ensureTopics, type KafkaConnection, type TopicSettings } from '#usage-stream/kafka';

const RETRY_MS = 2_000;

/** Creates the topics that do not exist; a broker that is away is waited for until the signal aborts. */
export async function createTopics(
  connection: KafkaConnection,
  settings: TopicSettings,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const created = await ensureTopics(connection, settings);
      if (created.length > 0) connection.logger?.info(`created the topics ${created.join(', ')}`);
      return;
    } catch (error) {
      connection.logger?.warn('the topics cannot be looked up or created yet', { error: String(error) });
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
