import { expect, it } from '@jest/globals';
import { describeEventStore } from '../testing/contract.js';
import { openEventStoreDb } from './open.js';

const url = process.env['EVENT_STORE_URL'];

if (url?.startsWith('esdb')) {
  describeEventStore('EventStoreDB client, the server that EVENT_STORE_URL names', async () => {
    const open = () => openEventStoreDb({ url });
    const store = open();
    await store.ping();
    return { store, openAnother: () => Promise.resolve(open()), close: () => store.close() };
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
