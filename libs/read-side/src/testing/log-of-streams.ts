import type { EventPublisher, OutgoingEvent } from '#usage-stream';

/** What an outgoing message says of itself. */
export interface ToldEvent {
  readonly id: string;
  readonly customer: string;
  readonly revision: number;
  readonly type: string;
  readonly hash: string;
  readonly value: string;
}

/** A topic in memory that can be away, or take a batch and lose the answer, or take only a part of one. */
export class LogOfStreams implements EventPublisher {
  readonly messages: OutgoingEvent[] = [];
  /** Asked before each batch: how many of its messages are taken, and whether the publisher hears of it. */
  mood: (events: readonly OutgoingEvent[]) => { readonly take: number; readonly fail: boolean } = ({
    length,
  }) => ({ take: length, fail: false });
  /** Awaited before each batch is taken. */
  delay: () => Promise<void> = () => Promise.resolve();

  async publish(events: readonly OutgoingEvent[]): Promise<void> {
    const { take, fail } = this.mood(events);
    await this.delay();
    this.messages.push(...events.slice(0, take));
    if (fail) throw new Error('the broker is away');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  of(topic: string): readonly ToldEvent[] {
    return this.messages.filter((message) => message.topic === topic).map(told);
  }
}

function told({ key, value, headers = {} }: OutgoingEvent): ToldEvent {
  const header = (name: string) => headers[name]?.toString() ?? '';
  return {
    id: header('ce_id'),
    customer: key,
    revision: Number(header('ce_revision')),
    type: header('ce_type'),
    hash: header('ce_hash'),
    value: value.toString(),
  };
}

/** The events as who drops repeated ids sees them: each at its first coming. */
export function firstComings(events: readonly ToldEvent[]): readonly ToldEvent[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
}
