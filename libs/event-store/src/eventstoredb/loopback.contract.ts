import { describeEventStore } from '../testing/contract.js';
import { startLoopback } from '../testing/loopback/index.js';
import { openEventStoreDb } from './open.js';

for (const batchAppend of [true, false]) {
  const call = batchAppend ? 'BatchAppend' : 'Append';
  describeEventStore(`EventStoreDB client, loopback server with ${call}`, async () => {
    const loopback = await startLoopback({ batchAppend });
    const open = () => openEventStoreDb({ url: loopback.url, appendTimeoutMs: 3_000 });
    const store = open();
    return {
      store,
      openAnother: () => Promise.resolve(open()),
      disconnect: () => loopback.disconnect(),
      loseNextAnswer: () => loopback.faults.nextAppends('written-no-answer'),
      close: async () => {
        await store.close();
        await loopback.stop();
      },
    };
  });
}
