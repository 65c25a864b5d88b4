import { expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { createLogger } from '#platform';
import { stopAtSignals } from './stop-at-signals.js';

class FakeProcess extends EventEmitter {
  readonly exited: Promise<number>;
  exit: (status: number) => void = () => undefined;
  constructor() {
    super();
    this.exited = new Promise((resolve) => (this.exit = resolve));
  }
}

it('a signal that comes again, or another one, neither stops twice nor ends a process that is stopping', async () => {
  const signalled = new FakeProcess();
  let stops = 0;
  let stopped = (): void => undefined;
  const stop = (): Promise<void> => {
    stops += 1;
    return new Promise((resolve) => (stopped = resolve));
  };
  stopAtSignals(stop, createLogger('silent', 'test'), signalled);
  for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT']) {
    // Without a listener Node ends the process.
    expect(signalled.emit(signal)).toBe(true);
  }
  expect(stops).toBe(1);
  stopped();
  expect(await signalled.exited).toBe(0);
});

it('a stop that fails ends the process with status 1', async () => {
  const signalled = new FakeProcess();
  stopAtSignals(() => Promise.reject(new Error('a bug')), createLogger('silent', 'test'), signalled);
  signalled.emit('SIGINT');
  expect(await signalled.exited).toBe(1);
});
