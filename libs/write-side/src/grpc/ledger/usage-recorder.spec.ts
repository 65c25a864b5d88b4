import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { compileMessageWriter, messageReader, messageType, toTimestamp, type rpc } from '#contracts';
import { EventStoreUnavailable, type EventStore } from '#event-store';
import { accountStream } from '#journal';
import { createMetrics } from '#platform';
import { WireWriter } from '#wire';
import { ledgerFixture, subscribe, type Fixture } from '../../testing/fixture.js';
import { UsageRecorder } from './usage-recorder.js';

const writeRequest = compileMessageWriter(messageType('purser.v1.RecordUsageStreamRequest'));
const readResponse = messageReader('purser.v1.RecordUsageStreamResponse') as (
  bytes: Uint8Array,
) => rpc.RecordUsageStreamResponse;

function bytesOf(usages: readonly rpc.UsageEvent[]): Buffer {
  const bytes = new WireWriter(0);
  writeRequest({ usages, mode: 'METERED' }, bytes);
  return bytes.toBuffer();
}

/** A bidirectional call: what was sent into it, and what came out. */
function callOf(messages: readonly Buffer[]) {
  const answers: (readonly rpc.UsageResult[])[] = [];
  const call = new Duplex({
    objectMode: true,
    read: () => undefined,
    write: (bytes: Buffer, _, done) => {
      answers.push(readResponse(bytes).results);
      done();
    },
  });
  for (const message of messages) call.push(message);
  call.push(null);
  return {
    call: Object.assign(call, { cancelled: false }) as unknown as ServerDuplexStream<Buffer, Buffer>,
    answers,
  };
}

function recorder(fixture: Fixture, eventStore: EventStore = fixture.eventStore) {
  const metrics = createMetrics();
  const { ledger } = fixture.process({ eventStore });
  const usages = new UsageRecorder({ ledger, eventStore, metrics });
  const send = async (...messages: readonly Buffer[]): Promise<(readonly rpc.UsageResult[])[]> => {
    const { call, answers } = callOf(messages);
    const finished = once(call, 'finish');
    await usages.recordStream(call);
    await finished;
    return answers;
  };
  return {
    send,
    record: (...events: readonly rpc.UsageEvent[][]) => send(...events.map(bytesOf)),
    counted: async (): Promise<Record<string, number>> => {
      const { values } = await metrics.usageEvents.get();
      return Object.fromEntries(values.map(({ labels, value }) => [String(labels.outcome), value] as const));
    },
  };
}

/** One unit of `call` costs 2 tokens; there are 100. */
function usage(fixture: Fixture, customerId: string, id: string, quantity = '1'): rpc.UsageEvent {
  const time = toTimestamp(fixture.clock.now());
  return { customerId, source: 'spec', id, feature: 'call', quantity, time, dimensions: {} };
}

/** What a result says in short. */
function gist({ recorded, error }: rpc.UsageResult): string {
  return recorded ? `${recorded.outcome} ${recorded.credits}` : (error?.reason ?? '');
}

describe('a message of usage events', () => {
  it('is answered in its order, however its accounts are mixed', async () => {
    const fixture = await ledgerFixture();
    for (const customerId of ['a', 'b']) await subscribe(fixture.process(), customerId);
    const { record, counted } = recorder(fixture);
    const [answer = []] = await record([
      usage(fixture, 'a', 'u1', '1'),
      usage(fixture, 'b', 'u1', '2'),
      usage(fixture, 'a', 'u2', '60'),
      usage(fixture, 'nobody', 'u1'),
      usage(fixture, 'b', '', '1'),
      { ...usage(fixture, 'b', 'u2'), feature: 'free' },
      usage(fixture, 'a', 'u3', '3'),
    ]);
    expect(answer.map(gist)).toEqual([
      'DEBITED 2',
      'DEBITED 4',
      'PARTIALLY_COVERED 120',
      'CUSTOMER_UNKNOWN',
      'COMMAND_MALFORMED',
      'NOT_CREDIT_METERED 0',
      'UNCOVERED 6',
    ]);
    expect(await counted()).toEqual({
      debited: 2,
      partially_covered: 1,
      uncovered: 1,
      not_credit_metered: 1,
      refused: 2,
    });
  });

  it('gives usage that comes again its first answer, within the message and in a later one', async () => {
    const fixture = await ledgerFixture();
    await subscribe(fixture.process(), 'a');
    const { record, counted } = recorder(fixture);
    const [u1, u2] = [usage(fixture, 'a', 'u1', '7'), usage(fixture, 'a', 'u2', '1')];
    const [[first, again, other] = [], [later] = []] = await record([u1, u1, u2], [u1]);
    expect([first, again, other, later].map((each) => each && gist(each))).toEqual([
      'DEBITED 14',
      'DUPLICATE 14',
      'DEBITED 2',
      'DUPLICATE 14',
    ]);
    for (const each of [again, later])
      expect(each?.recorded).toEqual({ ...first?.recorded, outcome: 'DUPLICATE' });
    expect(await counted()).toEqual({ debited: 2, duplicate: 2 });
  });

  it('is answered with an error for the one usage event whose bytes are none, and charges the others', async () => {
    const fixture = await ledgerFixture();
    await subscribe(fixture.process(), 'a');
    const { send, counted } = recorder(fixture);
    const bytes = bytesOf([
      usage(fixture, 'a', 'u1'),
      { ...usage(fixture, 'a', 'u2'), dimensions: { spoilt: 'x' } },
      usage(fixture, 'a', 'u3'),
      { ...usage(fixture, 'b', 'u1'), dimensions: { spoilt: 'x' } },
    ]);
    // The tag of the dimension's name, with a kind of field that there is not.
    for (let at = bytes.indexOf('spoilt'); at >= 0; at = bytes.indexOf('spoilt', at + 1))
      bytes[at - 2] = 0x0f;
    const [answer = []] = await send(bytes);
    expect(answer.map(gist)).toEqual(['DEBITED 2', 'COMMAND_MALFORMED', 'DEBITED 2', 'COMMAND_MALFORMED']);
    const [violation] = answer[1]?.error?.fieldViolations ?? [];
    expect(violation).toEqual({
      field: 'usages[1].dimensions',
      description: 'has a value of another type (wire type 7)',
    });
    expect(await counted()).toEqual({ debited: 2, refused: 2 });
  });

  it('charges no two usage events as one because their ids are no text', async () => {
    const fixture = await ledgerFixture();
    await subscribe(fixture.process(), 'a');
    const { send } = recorder(fixture);
    const bytes = bytesOf([
      usage(fixture, 'a', '?AA'),
      usage(fixture, 'a', '!AA'),
      usage(fixture, 'a', 'u1'),
    ]);
    bytes[bytes.indexOf('?AA')] = 0xff;
    bytes[bytes.indexOf('!AA')] = 0xfe;
    const [answer = []] = await send(bytes);
    expect(answer.map(gist)).toEqual(['COMMAND_MALFORMED', 'COMMAND_MALFORMED', 'DEBITED 2']);
    expect(answer[1]?.error?.fieldViolations).toEqual([
      { field: 'usages[1].id', description: 'is not UTF-8' },
    ]);
  });

  it('leaves one account out when its stream takes nothing, and answers the others', async () => {
    const fixture = await ledgerFixture();
    for (const customerId of ['a', 'b']) await subscribe(fixture.process(), customerId);
    const { record, counted } = recorder(fixture, {
      ...fixture.eventStore,
      append: (stream, revision, events) =>
        stream === accountStream('a')
          ? Promise.reject(new EventStoreUnavailable('away'))
          : fixture.eventStore.append(stream, revision, events),
    });
    const [answer = []] = await record([
      usage(fixture, 'a', 'u1'),
      usage(fixture, 'b', 'u1'),
      usage(fixture, 'a', 'u2'),
    ]);
    expect(answer.map(gist)).toEqual(['EVENT_STORE_UNAVAILABLE', 'DEBITED 2', 'EVENT_STORE_UNAVAILABLE']);
    expect(await counted()).toEqual({ debited: 1 });
  });

  it('says of usage whose first answer cannot be read that it may be sent again, and answers the rest', async () => {
    const fixture = await ledgerFixture();
    await subscribe(fixture.process(), 'a');
    await recorder(fixture).record([usage(fixture, 'a', 'u1')]);
    let reads = 0;
    const { record } = recorder(fixture, {
      ...fixture.eventStore,
      readStream: (stream, options) => {
        // The first finds out what was seen; the second is the answer.
        if (stream === accountStream('a') && ++reads > 1) throw new EventStoreUnavailable('away');
        return fixture.eventStore.readStream(stream, options);
      },
    });
    const [answer = []] = await record([usage(fixture, 'a', 'u1'), usage(fixture, 'a', 'u2')]);
    expect(answer.map(gist)).toEqual(['EVENT_STORE_UNAVAILABLE', 'DEBITED 2']);
  });
});
