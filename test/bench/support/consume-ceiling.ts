import { median } from '../measurement.js';
import { askHelper } from './child.js';
import type { UsageTopic } from './kafka.js';
import type { Resources } from './resources.js';

/** Given to `processes/consume-only.ts`. */
export interface ConsumeOnly {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** How many the topic holds. */
  readonly messages: number;
  readonly rounds: number;
}

export interface ConsumedOnly {
  /** Messages per second, by round. */
  readonly perSecond: readonly number[];
}

/** How fast kafkajs hands over the same messages, in batches, when nothing is done with them. */
export async function consumeCeiling(
  resources: Resources,
  { brokers, topic }: UsageTopic,
  messages: number,
): Promise<{ readonly what: string; readonly value: number }> {
  const task: ConsumeOnly = { brokers, topic, messages, rounds: 3 };
  const answer = await askHelper(resources, 'consume-only', task);
  const { perSecond } = answer as ConsumedOnly;
  return { what: 'kafkajs eachBatch alone', value: median(perSecond) };
}
