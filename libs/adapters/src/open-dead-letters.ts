import {
  readDeadLetters,
  UsageResender,
  type DeadLetterRemains,
  type KafkaConnection,
  type KeptDeadLetter,
  type OriginalMessage,
} from '#usage-stream/kafka';

export type { DeadLetterRemains, KeptDeadLetter };

export interface DeadLettersOptions {
  readonly brokers: readonly string[];
  /** The usage topic whose dead letters these are. */
  readonly topic: string;
  /** Shown in the broker's logs, and the beginning of the name of the group that reads. */
  readonly clientId: string;
}

/** The dead letters of a usage topic, for whoever has to deal with them. */
export interface OpenDeadLetters {
  /**
   * Oldest first, up to the end the topic has now; nothing more is read while `each` works.
   * @throws TopicUnknown, BrokerUnavailable, and whatever `each` throws
   */
  read(each: (letters: readonly KeptDeadLetter[]) => Promise<'more' | 'enough'>): Promise<DeadLetterRemains>;
  /**
   * Sends the original messages to the usage topic again; resolves when they are durable.
   * @returns those that the topic does not take because of their size
   * @throws BrokerUnavailable some may have been sent
   */
  resend<T extends OriginalMessage>(letters: readonly T[]): Promise<readonly T[]>;
  close(): Promise<void>;
}

/** Opens the dead letters in Kafka. Creates no topic, and connects when it is asked for something. */
export function openDeadLetters({ brokers, topic, clientId }: DeadLettersOptions): OpenDeadLetters {
  const connection: KafkaConnection = { brokers, clientId };
  const resender = new UsageResender({ connection, usageTopic: topic });
  return {
    read: (each) => readDeadLetters(connection, topic, each),
    resend: (letters) => resender.send(letters),
    close: () => resender.close(),
  };
}
