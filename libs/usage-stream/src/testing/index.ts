export {
  MemoryEventPublisher,
  MemoryUsageStream,
  type MemoryStreamOptions,
  type ProducedMessage,
} from './memory.js';
export { MemoryUsageConsumer, type Delivery, type MemoryConsumerOptions } from './memory-consumer.js';
