import { jest } from '@jest/globals';

import { describeWithKafka } from '../../../../test/support/kafka.js';
import { describeUsageStream } from '../testing/usage-stream-suite.js';
import { KafkaHarness } from './kafka-harness.js';

jest.setTimeout(120_000);

describeWithKafka('a real broker', (kafka) => {
  describeUsageStream('Kafka', () => KafkaHarness.open(kafka().brokers));
});
