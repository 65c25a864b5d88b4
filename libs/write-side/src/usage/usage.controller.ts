import { Controller, Inject, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { EventsDamaged } from '#event-store';
import { JournalCorrupt } from '#journal';
import { Health, METRICS, type Metrics } from '#platform';
import { USAGE_BATCHES, type DeadLetterSink, type UsageBatch } from '#usage-stream';
import { DEAD_LETTERS, WRITE_SIDE } from '../tokens.js';
import type { WriteSide } from '../write-side.js';
import { consumeBatch } from './consume-batch.js';
import { ErrorsToConsumer } from './errors-to-consumer.js';

/** Where usage from Kafka enters. */
@Controller()
@UseFilters(ErrorsToConsumer)
export class UsageController {
  constructor(
    @Inject(WRITE_SIDE) private readonly writeSide: WriteSide,
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetterSink,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(Health) private readonly health: Health,
  ) {}

  @EventPattern(USAGE_BATCHES)
  async consume(@Payload() batch: UsageBatch): Promise<bigint | undefined> {
    const { deadLetters, metrics } = this;
    try {
      return await consumeBatch(batch, { ledger: this.writeSide.ledger, deadLetters, metrics });
    } catch (error) {
      // The partition stops here, on purpose: a defect never skips a message.
      if (isDefect(error)) this.health.defect(error);
      throw error;
    }
  }
}

/** A bug or corrupt data, as opposed to something being away or busy: it will not pass by waiting. */
function isDefect(error: unknown): error is Error {
  return (
    error instanceof JournalCorrupt ||
    error instanceof EventsDamaged ||
    error instanceof TypeError ||
    error instanceof RangeError
  );
}
