import { describe, expect, it } from '@jest/globals';
import type { Position, RecordedEvent } from '../port.js';
import { Progress } from './progress.js';
import type { ReadMessage } from './read-message.js';

const event = (position: Position): ReadMessage => ({
  event: {
    position,
    stream: 'account-1',
    revision: 0,
    id: '',
    type: '',
    data: new Uint8Array(),
    metadata: new Uint8Array(),
    storedAtMs: 0,
  },
});
const checkpoint = (position: Position): ReadMessage => ({ checkpoint: position });
const positions = (events: readonly RecordedEvent[]): Position[] => events.map(({ position }) => position);

describe('the progress of a subscription', () => {
  it('begins where it is told to, and moves with events', () => {
    const progress = new Progress(7n);
    expect(progress.position).toBe(7n);
    expect(positions(progress.take([event(8n), event(12n)]))).toEqual([8n, 12n]);
    expect(progress.position).toBe(12n);
  });

  it('takes no event twice', () => {
    const progress = new Progress(7n);
    expect(positions(progress.take([event(7n), event(8n), event(8n)]))).toEqual([8n]);
    progress.begin();
    expect(positions(progress.take([event(8n), event(9n)]))).toEqual([9n]);
  });

  it('takes an event that stands where a checkpoint was', () => {
    const progress = new Progress(undefined);
    expect(positions(progress.take([checkpoint(20n), event(20n)]))).toEqual([20n]);
    expect(progress.position).toBe(20n);
  });

  it('believes a checkpoint when a later one has come, and not when it is said again', () => {
    const progress = new Progress(undefined);
    progress.take([checkpoint(20n), checkpoint(20n)]);
    expect(progress.position).toBeUndefined();
    progress.take([checkpoint(30n)]);
    expect(progress.position).toBe(20n);
  });

  it('forgets what a connection claimed that is over', () => {
    const progress = new Progress(undefined);
    progress.take([checkpoint(20n)]);
    progress.begin();
    progress.take([checkpoint(25n)]);
    expect(progress.position).toBeUndefined();
  });

  it('takes 2^64-1 for no position', () => {
    const progress = new Progress(undefined);
    const nowhere = checkpoint(2n ** 64n - 1n);
    expect(positions(progress.take([nowhere, event(5n), nowhere, checkpoint(9n)]))).toEqual([5n]);
    expect(progress.position).toBe(5n);
  });
});
