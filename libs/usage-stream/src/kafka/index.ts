export type { KafkaConnection } from './connection.js';
export { DeadLetterReader, type ReadDeadLetter } from './dead-letter-format.js';
export { readDeadLetters, type DeadLetterRemains, type KeptDeadLetter } from './dead-letter-topic.js';
export { KafkaDeadLetters } from './dead-letters.js';
export type { StreamLogger } from './logging.js';
export { partitionsOf } from './partitions.js';
export { KafkaEventPublisher } from './publisher.js';
export {
  deadLetterTopic,
  ensureTopics,
  LEDGER_ALERTS_TOPIC,
  LEDGER_EVENTS_TOPIC,
  type TopicSettings,
} from './topics.js';
export { KafkaUsageConsumer } from './usage-consumer.js';
export { UsageResender, type OriginalMessage } from './usage-resender.js';
export { KafkaUsageTransport } from './usage-transport.js';
