import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

import './connection.js';

describe('requests to a broker', () => {
  let sent: number[];
  let answered: unknown[];
  let queue: RequestQueue;

  beforeEach(() => {
    jest.useFakeTimers();
    [sent, answered] = [[], []];
    queue = new RequestQueue({
      maxInFlightRequests: 1,
      requestTimeout: 30_000,
      enforceRequestTimeout: false,
      clientId: 'purser',
      broker: 'b:9092',
      logger: { debug: () => undefined },
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function push(correlationId: number): void {
    queue.push({
      entry: {
        correlationId,
        resolve: (answer) => answered.push(answer),
        reject: (error) => answered.push(error),
      },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    });
  }
  const answer = (correlationId: number): void =>
    queue.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });

  it('leave no timer behind once they are answered', () => {
    push(1);
    answer(1);
    expect(answered).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('wait for those under way, in order, and go as soon as these are answered', () => {
    for (const id of [1, 2, 3]) push(id);
    expect(sent).toEqual([1]);
    answer(1);
    expect(sent).toEqual([1, 2]);
    answer(2);
    expect(sent).toEqual([1, 2, 3]);
    jest.advanceTimersByTime(1000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('wait as long as the broker asks for, and then go by themselves', () => {
    push(1);
    answer(1);
    queue.maybeThrottle(500);
    push(2);
    jest.advanceTimersByTime(499);
    expect(sent).toEqual([1]);
    jest.advanceTimersByTime(20);
    expect(sent).toEqual([1, 2]);
    answer(2);
    jest.advanceTimersByTime(1000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('still go when the broker asks for a longer pause meanwhile', () => {
    queue.maybeThrottle(100);
    push(1);
    queue.maybeThrottle(1000);
    jest.advanceTimersByTime(900);
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(200);
    expect(sent).toEqual([1]);
  });
});
