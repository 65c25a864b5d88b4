import { describe, expect, it } from '@jest/globals';
import { AppendOutcomeUnknown, EventStoreUnavailable, WrongExpectedRevision } from './errors.js';
import { NO_STREAM, type EventStore, type NewEvent } from './port.js';
import { withAmbiguityRetry } from './retrying.js';
import { openMemoryEventStore } from './testing/memory.js';
import { anEvent } from './testing/events.js';

/** A store that writes but then says for the first `times` appends that nobody knows. */
function forgetful(times: number): { store: EventStore; sent: (readonly NewEvent[])[] } {
  const memory = openMemoryEventStore();
  const sent: (readonly NewEvent[])[] = [];
  const append: EventStore['append'] = async (stream, expectedRevision, events) => {
    sent.push([...events]);
    const appended = await memory.append(stream, expectedRevision, events);
    if (sent.length > times) return appended;
    throw new AppendOutcomeUnknown(stream, expectedRevision, { cause: 'test' });
  };
  return { store: { ...memory, append }, sent };
}

describe('withAmbiguityRetry', () => {
  it('sends the identical append again until the outcome is known, and it is written once', async () => {
    const { store, sent } = forgetful(2);
    const pauses: number[] = [];
    const backoff = (repeat: number): number => {
      pauses.push(repeat);
      return 0;
    };
    const events = [anEvent('a'), anEvent('b')];
    const appending = withAmbiguityRetry(store, { backoff }).append('account-1', NO_STREAM, events);
    const original = events.splice(0);
    expect(await appending).toEqual({ revision: 1, position: 2n });
    expect(sent).toEqual([original, original, original]);
    expect(pauses).toEqual([1, 2]);
  });

  it('gives up after the attempts it was allowed', async () => {
    const { store, sent } = forgetful(9);
    const appending = withAmbiguityRetry(store, { attempts: 3, backoff: () => 0 }).append('a-1', -1, [
      anEvent('a'),
    ]);
    await expect(appending).rejects.toBeInstanceOf(AppendOutcomeUnknown);
    expect(sent).toHaveLength(3);
  });

  /** A store whose first append is written without an answer, and which then is away for `times` appends. */
  function away(times: number): { store: EventStore; sent: () => number } {
    const { store, sent } = forgetful(1);
    let refused = 0;
    const append: EventStore['append'] = (stream, expectedRevision, events) =>
      sent.length === 0 || refused >= times
        ? store.append(stream, expectedRevision, events)
        : Promise.reject(new EventStoreUnavailable(`away ${++refused}`));
    return { store: { ...store, append }, sent: () => sent.length + refused };
  }

  it('waits for a store that is away once nobody knows the outcome', async () => {
    const { store, sent } = away(2);
    const appending = withAmbiguityRetry(store, { backoff: () => 0 }).append('a-1', -1, [anEvent('a')]);
    expect(await appending).toEqual({ revision: 0, position: 1n });
    expect(sent()).toBe(4);
  });

  it('never says of what may have been written that nothing was', async () => {
    const { store, sent } = away(9);
    const appending = withAmbiguityRetry(store, { attempts: 3, backoff: () => 0 }).append('a-1', -1, [
      anEvent('a'),
    ]);
    await expect(appending).rejects.toBeInstanceOf(AppendOutcomeUnknown);
    expect(sent()).toBe(3);
  });

  it.each([
    new WrongExpectedRevision('a-1', 3, 4),
    new EventStoreUnavailable('closed'),
    new TypeError('defect'),
  ])('does not repeat what is known: %s', async (error) => {
    let times = 0;
    const append = (): Promise<never> => {
      times += 1;
      return Promise.reject(error);
    };
    const store = withAmbiguityRetry({ ...openMemoryEventStore(), append });
    await expect(store.append('a-1', 3, [anEvent('a')])).rejects.toBe(error);
    expect(times).toBe(1);
  });
});
