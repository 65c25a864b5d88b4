import { afterAll, beforeAll, describe } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { NO_STREAM, type Position } from '../port.js';
import { appendContract } from './contract/append.js';
import { readContract } from './contract/read.js';
import { subscribeContract } from './contract/subscribe.js';
import type { EventStoreUnderTest, Suite } from './contract/suite.js';
import { anEvent } from './events.js';

/**
 * What every event store promises. Run it for each adapter; it touches only streams whose names begin with a
 * prefix drawn anew for each run, and expects nothing about other streams, so a server in use will do.
 */
export function describeEventStore(
  name: string,
  open: () => Promise<EventStoreUnderTest>,
  parts: readonly ((suite: Suite) => void)[] = [appendContract, readContract, subscribeContract],
): void {
  describe(`event store contract: ${name}`, () => {
    let underTest: EventStoreUnderTest | undefined;
    const run = `t${randomUUID().slice(0, 8)}`;
    let drawn = 0;
    let after: Position | undefined;

    beforeAll(async () => {
      underTest = await open();
      if (underTest.inUse)
        ({ position: after } = await underTest.store.append(`${run}-start`, NO_STREAM, [anEvent('start')]));
    });
    afterAll(async () => {
      await underTest?.close();
    });

    const suite: Suite = {
      underTest: () => {
        if (!underTest) throw new Error('the store under test is not open');
        return underTest;
      },
      store: () => suite.underTest().store,
      start: () => (after === undefined ? {} : { after }),
      fresh: (streamName) => `${run}x${drawn++}-${streamName}`,
    };
    for (const part of parts) part(suite);
  });
}
