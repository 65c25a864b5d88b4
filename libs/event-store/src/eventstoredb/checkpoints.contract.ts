import { describe, expect, it } from '@jest/globals';
import { BEFORE_ALL, NO_STREAM, type Position, type SubscriptionBatch } from '../port.js';
import { follow } from '../testing/contract/collecting.js';
import { anEvent, someEvents } from '../testing/events.js';
import { SERVER_VERSIONS, type Loopback } from '../testing/loopback/index.js';
import { connect, serve } from './faults-fixture.js';

describe.each(SERVER_VERSIONS)('EventStoreDB adapter with checkpoints of %s', (version) => {
  const follows = (loopback: Loopback, after?: Position): AsyncIterable<SubscriptionBatch> =>
    connect(loopback).subscribe({
      streamPrefixes: ['account-'],
      signal: new AbortController().signal,
      ...(after !== undefined && { after }),
    });
  const fill = async (loopback: Loopback, stream: string, count: number): Promise<void> => {
    const store = connect(loopback);
    for (let revision = NO_STREAM; revision < count - 1;)
      ({ revision } = await store.append(stream, revision, someEvents('a', Math.min(500, count))));
  };

  it.each([
    ['an empty store', 0],
    ['a store with other streams', 3],
    ['a store with many other streams', 2500],
  ])('delivers what comes to %s, live and after a broken connection', async (_, others) => {
    const loopback = await serve({ version });
    await fill(loopback, 'other-1', others);
    const writer = connect(loopback);
    let writing = Promise.resolve();
    const { events, checkpoint } = await follow(follows(loopback), ({ batches, events: so }) => {
      if (batches.at(-1)?.caughtUp !== true) return false;
      const written = so.length;
      if (written === 3) return true;
      writing = writing.then(async () => {
        if (written === 1) await loopback.disconnect();
        if (loopback.log.stream('account-1').length === written)
          await connect(loopback).append('account-1', written - 1, [anEvent('')]);
      });
      return false;
    });
    await writing;
    expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
    expect(checkpoint).toBe(events.at(-1)?.position);
    await writer.close();
  });

  it('tells no checkpoint at which the next event could stand', async () => {
    const loopback = await serve({ version });
    const live = ({ batches }: { batches: readonly SubscriptionBatch[] }) =>
      batches.at(-1)?.caughtUp ?? false;
    const empty = await follow(follows(loopback), live);
    expect(empty.checkpoint).toBe(BEFORE_ALL);
    await fill(loopback, 'other-1', 3000);
    const { checkpoint } = await follow(follows(loopback, empty.checkpoint), live);
    expect(checkpoint).toBeLessThan(loopback.log.end);
    await connect(loopback).append('account-1', NO_STREAM, [anEvent('')]);
    const { events } = await follow(follows(loopback, checkpoint), (so) => so.events.length > 0);
    expect(events).toHaveLength(1);
  });

  it('moves its checkpoint while nothing passes the filter, and begins again not far behind', async () => {
    const loopback = await serve({ version });
    await fill(loopback, 'other-1', 5000);
    const [end] = loopback.log.records.slice(-1);
    let more: Promise<void> | undefined;
    let whenLive = BEFORE_ALL;
    const { events } = await follow(follows(loopback), ({ batches, checkpoint }) => {
      if (batches.at(-1)?.caughtUp && !more) {
        whenLive = checkpoint;
        more = fill(loopback, 'other-2', 3000);
      }
      return end !== undefined && checkpoint > end.position;
    });
    await more;
    expect(events).toEqual([]);
    expect(5000 - loopback.log.indexOf(whenLive)).toBeLessThanOrEqual(3 * 1024);
  });
});
