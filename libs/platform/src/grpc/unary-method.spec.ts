import { Metadata, type ServerUnaryCall } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, of, throwError } from 'rxjs';
import { unaryMethod } from './unary-method.js';

const call = { request: { id: 7 }, metadata: new Metadata() } as unknown as ServerUnaryCall<unknown, unknown>;

/** Everything that a call is answered with. */
async function answersOf(handle: Parameters<typeof unaryMethod>[0]): Promise<unknown[][]> {
  const answers: unknown[][] = [];
  unaryMethod(handle)(call, (...answer) => answers.push(answer));
  await new Promise(setImmediate);
  return answers;
}

describe('a call with one answer', () => {
  const refused = new Error('refused');

  it('is answered with what its handler gives, at once or later', async () => {
    const answer = { wallet: null };
    for (const given of [answer, Promise.resolve(answer), of(answer), Promise.resolve(of(answer))]) {
      expect(await answersOf(() => given)).toEqual([[null, answer]]);
    }
  });

  it('is answered with the error that the exception filter made, or that got past it', async () => {
    const failures = [
      () => Promise.resolve(throwError(() => refused)),
      () => Promise.reject(refused),
      () => {
        throw refused;
      },
    ];
    for (const handle of failures) expect(await answersOf(handle)).toEqual([[refused]]);
  });

  it('is never left without an answer', async () => {
    expect(await answersOf(() => EMPTY)).toMatchObject([[{ name: 'EmptyError' }]]);
  });

  it('hands its request, its metadata and itself to the handler', async () => {
    expect(await answersOf((...given) => given)).toEqual([[null, [call.request, call.metadata, call]]]);
  });
});
