import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { onceSignalled } from './once-signalled.js';

describe('a process that is told to end', () => {
  afterEach(() => void jest.restoreAllMocks());

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('clears away before it ends by %s', (signal) => {
    const told: string[] = [];
    jest.spyOn(process, 'kill').mockImplementation((_pid, by) => {
      told.push(`ends by ${String(by)}`);
      return true;
    });
    const before = process.listenerCount(signal);
    onceSignalled(() => told.push('cleared away'));
    process.emit(signal, signal);
    expect(told).toEqual(['cleared away', `ends by ${signal}`]);
    expect(process.listenerCount(signal)).toBe(before);
  });

  it('clears nothing away once that is done with', () => {
    const before = process.listenerCount('SIGTERM');
    const deaf = onceSignalled(() => undefined);
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    deaf();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
