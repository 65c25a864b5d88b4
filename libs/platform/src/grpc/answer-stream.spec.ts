import { describe, expect, it } from '@jest/globals';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { answerStream } from './answer-stream.js';
import { MessagesInHand } from './messages-in-hand.js';

type Call = ServerDuplexStream<Buffer, Buffer>;

/** A process that goes on. */
const NEVER = new AbortController().signal;

interface TestCall {
  readonly call: Call;
  readonly answers: string[];
}

/** A call whose client sends these messages, ends, and reads every answer. */
function callOf(messages: readonly Buffer[]): TestCall {
  return openCall([...messages, null]);
}

/** A call whose client sends these messages and may send others. */
function openCall(messages: readonly (Buffer | null)[]): TestCall {
  const answers: string[] = [];
  const left = [...messages];
  const stream = new Duplex({
    objectMode: true,
    read() {
      const message = left.shift();
      if (message !== undefined) this.push(message);
    },
    write(answer: Buffer, _encoding, done) {
      answers.push(answer.toString());
      done();
    },
  });
  return { call: Object.assign(stream, { cancelled: false }) as unknown as Call, answers };
}

/** A handler whose messages wait until they are let go of, one by one, by their names. */
function waitingRoom() {
  const inside = new Map<string, () => void>();
  const begun: string[] = [];
  return {
    begun,
    handle: async (request: Buffer): Promise<Buffer> => {
      const name = request.toString();
      begun.push(name);
      await new Promise<void>((resolve) => inside.set(name, resolve));
      return request;
    },
    letGo: async (...names: string[]): Promise<void> => {
      for (const name of names) inside.get(name)?.();
      await turns();
    },
  };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await turn();
}

const named = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `message-${from + i}`);

describe('answers to a stream', () => {
  it('go out in the order of the messages, whichever is known first', async () => {
    const room = waitingRoom();
    const { call, answers } = callOf(named(0, 3).map((name) => Buffer.from(name)));
    const answering = answerStream(call, room.handle, new MessagesInHand(), NEVER);
    await turns();
    await room.letGo('message-2', 'message-1');
    expect(answers).toEqual([]);
    await room.letGo('message-0');
    await answering;
    expect(answers).toEqual(named(0, 3));
  });

  it('read ahead while there is room over all calls, and by four messages in any case', async () => {
    const room = waitingRoom();
    // Room for ten such messages.
    const inHand = new MessagesInHand(10 * (1024 + 'message-1'.length));
    const first = callOf(named(0, 9).map((name) => Buffer.from(name)));
    const second = callOf(named(10, 100).map((name) => Buffer.from(name)));
    const answering = [answerStream(first.call, room.handle, inHand, NEVER)];
    await turns();
    expect(room.begun).toEqual(named(0, 9));
    answering.push(answerStream(second.call, room.handle, inHand, NEVER));
    await turns();
    expect(room.begun.slice(9)).toEqual(named(10, 14));
    // What the first call has no need of any more is the second one's.
    await room.letGo(...named(0, 9));
    await answering[0];
    await room.letGo('message-10');
    expect(room.begun.slice(9)).toEqual(named(10, 21));
    for (let from = 10; from < 100; from += 5) await room.letGo(...named(from, from + 5));
    await answering[1];
    expect(second.answers).toEqual(named(10, 100));
    expect(inHand.areEnough).toBe(false);
  });

  it('end with the error of a message, and give back the room of those behind it', async () => {
    const inHand = new MessagesInHand(10 * 1024);
    const { call, answers } = callOf(named(0, 8).map((name) => Buffer.from(name)));
    const errors: unknown[] = [];
    call.on('error', (error) => errors.push(error));
    await answerStream(
      call,
      async (request) => {
        await turn();
        if (request.toString() === 'message-1') throw new Error('no');
        return request;
      },
      inHand,
      NEVER,
    );
    await turns();
    expect(errors[0]).toMatchObject({ code: 13 });
    expect(answers).toEqual(['message-0']);
    inHand.begin(Buffer.alloc(9 * 1024 - 1));
    expect(inHand.areEnough).toBe(false);
  });
  it('go out for what was read when the process stops, and the call ends with SHUTTING_DOWN', async () => {
    const room = waitingRoom();
    const stop = new AbortController();
    const { call, answers } = openCall(named(0, 2).map((name) => Buffer.from(name)));
    const errors: unknown[] = [];
    call.on('error', (error) => errors.push(error));
    const answering = answerStream(call, room.handle, new MessagesInHand(), stop.signal);
    await turns();
    stop.abort();
    call.push(Buffer.from('message-2'));
    await turns();
    expect(errors).toEqual([]);
    await room.letGo('message-0', 'message-1');
    await answering;
    expect(room.begun).toEqual(named(0, 2));
    expect(answers).toEqual(named(0, 2));
    expect(errors).toMatchObject([{ code: 14, details: 'this process is shutting down' }]);
  });

  it('of a stream that opens while the process stops end at once', async () => {
    const { call } = openCall([]);
    const errors: unknown[] = [];
    call.on('error', (error) => errors.push(error));
    const answered = waitingRoom().handle;
    await answerStream(call, answered, new MessagesInHand(), AbortSignal.abort());
    expect(errors).toMatchObject([{ code: 14 }]);
  });
});
