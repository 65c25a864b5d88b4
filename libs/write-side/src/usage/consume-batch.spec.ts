import { describe, expect, it } from '@jest/globals';
import type { Instant } from '#domain';
import { EventStoreUnavailable } from '#event-store';
import { accountStream, readAccount } from '#journal';
import { createMetrics } from '#platform';
import type { DeadLetter, UsageBatch, UsageMessage } from '#usage-stream';
import { ledgerFixture, subscribe, type Fixture } from '../testing/fixture.js';
import { scatteredGrants } from '../testing/scattered-credits.js';
import type { WriteSide } from '../write-side.js';
import { consumeBatch } from './consume-batch.js';

const customer = 'cust_42';

function message(
  offset: number,
  value: Buffer | string,
  key: Buffer | string | null = customer,
): UsageMessage {
  return {
    offset: BigInt(offset),
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(value),
    headers: {},
    timestampMs: 0,
  };
}

function event(id: string, quantity: string, time: Instant, subject = customer): string {
  const data = { feature: 'call', quantity };
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: 'spec',
    type: 'usage.recorded',
    subject,
    time,
    data,
  });
}

function batchOf(messages: readonly UsageMessage[], isStale = () => false): UsageBatch {
  return { topic: 'usage-events', partition: 3, messages, isStale };
}

async function consumer(): Promise<{
  readonly fixture: Fixture;
  readonly letters: DeadLetter[];
  /** How many usage events came to what. */
  readonly counted: () => Promise<Readonly<Record<string, number>>>;
  readonly consume: (batch: UsageBatch, side?: WriteSide) => Promise<bigint | undefined>;
}> {
  const fixture = await ledgerFixture();
  const side = fixture.process();
  await subscribe(side, customer);
  const letters: DeadLetter[] = [];
  const metrics = createMetrics();
  const deadLetters = {
    send: (some: readonly DeadLetter[]) => {
      letters.push(...some);
      return Promise.resolve();
    },
  };
  return {
    fixture,
    letters,
    counted: async () => {
      const { values } = await metrics.usageEvents.get();
      return Object.fromEntries(values.map(({ labels, value }) => [String(labels.outcome), value] as const));
    },
    consume: (batch, by = side) => consumeBatch(batch, { ledger: by.ledger, deadLetters, metrics }),
  };
}

async function debits({ eventStore }: Fixture, customerId: string): Promise<string[]> {
  const debited: string[] = [];
  for await (const events of readAccount(eventStore, customerId)) {
    for (const { event: each } of events)
      if (each.type === 'CreditsDebited') debited.push(each.usage.amount.toString());
  }
  return debited;
}

describe('a batch of usage messages', () => {
  it('never stops for a bad message and never skips a good one', async () => {
    const { fixture, letters, consume } = await consumer();
    const now = fixture.clock.now();
    const last = await consume(
      batchOf([
        message(10, event('u1', '1', now)),
        message(11, '{"specversion":'),
        message(12, event('u2', '-1', now)),
        message(13, event('u3', '2', now, 'nobody'), 'nobody'),
        message(14, event('u1', '2', now)),
        message(15, event('u4', '3', now)),
      ]),
    );
    expect(last).toBe(15n);
    expect(letters.map(({ reason, origin }) => [reason, origin]).sort()).toEqual([
      ['customer-unknown', 'usage-events/3/13'],
      ['idempotency-key-reused', 'usage-events/3/14'],
      ['malformed-json', 'usage-events/3/11'],
      ['negative-quantity', 'usage-events/3/12'],
    ]);
    // Both good ones are debited: 2 tokens for u1, 6 for u4.
    expect(await debits(fixture, customer)).toEqual(['2', '6']);
  });

  it('is stopped by nobody who is called by emoji, be they as many as an id may have or more', async () => {
    const { fixture, letters, consume } = await consumer();
    const now = fixture.clock.now();
    const [longest, tooLong] = ['🜚'.repeat(200), '🜚'.repeat(201)];
    await subscribe(fixture.process(), longest);
    const sent = [longest, '🜚'.repeat(150), tooLong].map((id, at) =>
      message(at, event('u1', '1', now, id), id),
    );
    expect(await consume(batchOf(sent))).toBe(2n);
    expect(await debits(fixture, longest)).toEqual(['2']);
    expect(letters.map(({ reason }) => reason).sort()).toEqual(['customer-unknown', 'malformed-field']);
  });

  it('charges whom the usage names, with a key or without, and nobody when the key names somebody else', async () => {
    const { fixture, letters, consume } = await consumer();
    const other = 'cust_7';
    await subscribe(fixture.process(), other);
    const now = fixture.clock.now();
    const last = await consume(
      batchOf([
        message(20, event('u1', '1', now), null),
        message(21, event('u2', '2', now), other),
        message(22, event('u3', '3', now), ''),
        message(23, '{', null),
        message(24, event('u4', '4', now, other), other),
        message(25, event('u5', '5', now), Buffer.from([0xff])),
      ]),
    );
    expect(last).toBe(25n);
    expect(letters.map(({ reason, origin }) => [reason, origin]).sort()).toEqual([
      ['malformed-json', 'usage-events/3/23'],
      ['malformed-key', 'usage-events/3/21'],
      ['malformed-key', 'usage-events/3/25'],
    ]);
    expect(await debits(fixture, customer)).toEqual(['2', '6']);
    expect(await debits(fixture, other)).toEqual(['8']);
  });

  it('counts what became of usage, also of what went well before the batch failed', async () => {
    const { fixture, consume, counted } = await consumer();
    await subscribe(fixture.process(), 'other');
    const now = fixture.clock.now();
    let away = true;
    const flaky = fixture.process({
      eventStore: {
        ...fixture.eventStore,
        append: (stream, revision, events) =>
          away && stream === accountStream('other')
            ? Promise.reject(new EventStoreUnavailable('away'))
            : fixture.eventStore.append(stream, revision, events),
      },
    });
    const batch = batchOf([
      message(1, event('u1', '1', now)),
      message(2, event('u2', '60', now)),
      message(3, event('u1', '1', now)),
      message(4, '{'),
      message(5, event('u1', '1', now, 'other'), 'other'),
    ]);
    await expect(consume(batch, flaky)).rejects.toThrow(EventStoreUnavailable);
    expect(await counted()).toEqual({ debited: 1, partially_covered: 1, duplicate: 1, dead_letter: 1 });
    away = false;
    expect(await consume(batch, flaky)).toBe(5n);
    expect(await counted()).toEqual({ debited: 2, partially_covered: 1, duplicate: 4, dead_letter: 2 });
  });

  it('leaves a dead letter with the very bytes and key that came', async () => {
    const { letters, consume } = await consumer();
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    await consume(batchOf([message(1, bytes)]));
    expect(letters[0]?.message.value).toEqual(bytes);
    expect(letters[0]?.message.key).toEqual(Buffer.from(customer));
  });

  it('begins nothing once the partition belongs to somebody else', async () => {
    const { fixture, consume } = await consumer();
    const batch = batchOf([message(1, event('u1', '1', fixture.clock.now()))], () => true);
    expect(await consume(batch)).toBeUndefined();
  });

  it('commits nothing while the event store is away, and everything when the batch comes again', async () => {
    const { fixture, consume } = await consumer();
    let away = true;
    const flaky = fixture.process({
      eventStore: {
        ...fixture.eventStore,
        append: (stream, revision, events) =>
          away
            ? Promise.reject(new EventStoreUnavailable('away'))
            : fixture.eventStore.append(stream, revision, events),
      },
    });
    const batch = batchOf([message(7, event('u1', '1', fixture.clock.now()))]);
    await expect(consume(batch, flaky)).rejects.toThrow(EventStoreUnavailable);
    away = false;
    expect(await consume(batch, flaky)).toBe(7n);
  });

  it('puts usage aside that is too much for one append, and goes on', async () => {
    const { fixture, letters, counted, consume } = await consumer();
    await fixture.process().ledger.submit(customer, scatteredGrants());
    const now = fixture.clock.now();
    const messages = [
      message(1, event('u1', '0.001', now)),
      message(2, event('all', '57', now)),
      message(3, event('u2', '1', now)),
    ];
    expect(await consume(batchOf(messages))).toBe(3n);
    expect(letters.map(({ reason, message: { offset } }) => [reason, offset])).toEqual([
      ['command-malformed', 2n],
    ]);
    expect(await counted()).toMatchObject({ debited: 2, dead_letter: 1 });
  });
});
