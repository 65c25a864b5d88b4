import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

import { USAGE_BATCHES, type UsageBatch, type UsageConsumer, type UsageConsumerStatus } from '../port.js';

type UsageTransportEvents = { status: (status: UsageConsumerStatus) => void };

/**
 * Hands whole batches of one partition to the one method decorated with `@EventPattern(USAGE_BATCHES)`. Nest's own
 * Kafka server hands over single messages and commits by time, so neither one append per account and batch nor
 * "committed only when durable" can be had from it.
 */
export class KafkaUsageTransport
  extends Server<UsageTransportEvents, UsageConsumerStatus['state']>
  implements CustomTransportStrategy
{
  override readonly transportId = Symbol('purser-usage');
  /** A failure is told to the consumer, which delivers again and logs; Nest need not log it as unobserved. */
  override readonly propagatesEventHandlerErrors = true;

  readonly #consumer: UsageConsumer;

  constructor(consumer: UsageConsumer) {
    super();
    this.#consumer = consumer;
    this._status$.next(consumer.status().state);
    consumer.onStatus(({ state }) => this._status$.next(state));
  }

  /** Begins to consume. Does not wait for the broker: one that is away is shown in readiness and waited for. */
  listen(callback: (error?: unknown) => void): void {
    const handler = this.getHandlerByPattern(USAGE_BATCHES);
    if (handler === null) {
      callback(new Error(`No controller method is decorated with @EventPattern('${USAGE_BATCHES}').`));
      return;
    }
    this.#consumer.start((batch) => handle(handler, batch)).then(() => callback(), callback);
  }

  /** Takes nothing new, lets running batches end, commits what is durable, disconnects. */
  async close(): Promise<void> {
    await this.#consumer.stop();
  }

  override on<Event extends keyof UsageTransportEvents>(
    _: Event,
    listener: UsageTransportEvents[Event],
  ): void {
    this.#consumer.onStatus(listener);
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is Nest's
  override unwrap<T>(): T {
    return this.#consumer as T;
  }
}

/** Runs the handler with Nest's guards, interceptors and filters around it, and takes its last word. */
async function handle(handler: MessageHandler, batch: UsageBatch): Promise<bigint | undefined> {
  const answer: unknown = await handler(batch);
  const durable: unknown = isObservable(answer)
    ? await lastValueFrom(answer, { defaultValue: undefined })
    : answer;
  if (durable === undefined || typeof durable === 'bigint') return durable;
  throw new TypeError(
    `The handler of usage batches answered ${typeof durable}; expected a bigint offset or undefined.`,
  );
}
