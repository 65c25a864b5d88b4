import { describeEventStore } from '../testing/contract.js';
import { subscribeContract } from '../testing/contract/subscribe.js';
import type { EventStoreUnderTest } from '../testing/contract/suite.js';
import { SERVER_VERSIONS, startLoopback, type LoopbackOptions } from '../testing/loopback/index.js';
import { openEventStoreDb } from './open.js';

const against = (options: LoopbackOptions) => async (): Promise<EventStoreUnderTest> => {
  const loopback = await startLoopback(options);
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
};

for (const batchAppend of [true, false]) {
  const call = batchAppend ? 'BatchAppend' : 'Append';
  describeEventStore(`EventStoreDB client, loopback server with ${call}`, against({ batchAppend }));
}

for (const version of SERVER_VERSIONS) {
  const name = `EventStoreDB client, loopback server that speaks as ${version}`;
  describeEventStore(name, against({ version }), [subscribeContract]);
}
