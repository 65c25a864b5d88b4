import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '../port.js';
import { randomUUID } from 'node:crypto';
import { appendContract } from './contract/append.js';
import { readContract } from './contract/read.js';
import { subscribeContract } from './contract/subscribe.js';

/** A store to be tested, and the faults that this kind of store can have. */
export interface EventStoreUnderTest {
  readonly store: EventStore;
  /** Another handle on the same data, as another process would hold it; the suite closes it. */
  openAnother(): Promise<EventStore>;
  /** Breaks the connections that are open now. Left out where there are none. */
  disconnect?(): Promise<void>;
  /** The next append is written, but its answer never arrives. Left out where it cannot be brought about. */
  loseNextAnswer?(): void;
  /** Closes the store and everything that belongs to it. */
  close(): Promise<void>;
}

/** What the parts of the suite share. */
export interface Suite {
  readonly underTest: () => EventStoreUnderTest;
  readonly store: () => EventStore;
  /** A name that no other test and no earlier run has used: the server may hold foreign data. */
  readonly fresh: (name: string) => string;
}

/**
 * What every event store promises. Run it for each adapter; it touches only streams whose names begin with a
 * prefix drawn anew for each run, and expects nothing about other streams, so a server in use will do.
 */
export function describeEventStore(name: string, open: () => Promise<EventStoreUnderTest>): void {
  describe(`event store contract: ${name}`, () => {
    let underTest: EventStoreUnderTest | undefined;
    const run = `t${randomUUID().slice(0, 8)}`;
    let drawn = 0;

    beforeAll(async () => {
      underTest = await open();
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
      fresh: (streamName) => `${run}x${drawn++}-${streamName}`,
    };
    appendContract(suite);
    readContract(suite);
    subscribeContract(suite);
  });
}
