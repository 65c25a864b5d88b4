import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { UnaryCaller } from './unary-caller.js';

class Call extends EventEmitter {
  cancelled = false;

  cancel(): void {
    this.cancelled = true;
    this.emit('cancelled');
  }
}

describe('the caller of a unary call', () => {
  it('has one signal, which aborts when the call ends', () => {
    const call = new Call();
    const caller = new UnaryCaller(call);
    const { signal } = caller;
    expect(caller.signal).toBe(signal);
    expect(signal.aborted).toBe(false);
    call.cancel();
    expect(signal.aborted).toBe(true);
  });

  it('tells whoever asks late that the call has ended', () => {
    const call = new Call();
    const caller = new UnaryCaller(call);
    call.cancel();
    expect(caller.signal.aborted).toBe(true);
  });

  it('listens to nothing before it is asked', () => {
    const call = new Call();
    const caller = new UnaryCaller(call);
    expect(call.listenerCount('cancelled')).toBe(0);
    expect(caller.signal.aborted).toBe(false);
    expect(call.listenerCount('cancelled')).toBe(1);
  });
});
