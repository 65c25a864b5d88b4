import { expect, it } from '@jest/globals';
import { describeEventStore } from '../testing/contract.js';
import { openEventStoreDb } from './open.js';

const url = process.env['EVENT_STORE_URL'];

if (url?.startsWith('esdb')) {
  describeEventStore('EventStoreDB client, the server that EVENT_STORE_URL names', async () => {
    const open = () => openEventStoreDb({ url });
    const store = open();
    await store.ping();
    return {
      store,
      inUse: true,
      openAnother: () => Promise.resolve(open()),
      close: () => store.close(),
    };
  });

  it('tells which tests had to do without their fault', () => {
    process.stderr.write(
      'RUN WITHOUT THEIR FAULTS against a real EventStoreDB, which neither breaks connections nor loses answers on demand: ' +
        '"misses and repeats nothing while appends and broken connections go on", "goes on after a broken connection", ' +
        '"writes once when the answer was lost …" and "is sent again by itself after a lost answer, when asked to".\n',
    );
    expect(url).toMatch(/^esdb/);
  });
} else {
  it('tells that the contract did not run against a real EventStoreDB', () => {
    const why = url === undefined ? 'EVENT_STORE_URL is not set' : 'EVENT_STORE_URL names no esdb:// server';
    process.stderr.write(
      `NOT RUN against a real EventStoreDB: ${why}. Set EVENT_STORE_URL=esdb://… to run it.\n`,
    );
    expect(url ?? '').not.toMatch(/^esdb/);
  });
}
