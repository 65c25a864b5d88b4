import { measured, type Bench } from '../measurement.js';
import { appendCeiling } from '../support/append-ceiling.js';
import { customerIds, publishPlan, subscribeAll } from '../support/customers.js';
import { kafkaEnv, usageTopic } from '../support/kafka.js';
import { playFromKafka } from '../support/kafka-rounds.js';
import { loopbackUrl } from '../support/loopback.js';
import { untilProjected } from '../support/projected.js';
import { withResources } from '../support/resources.js';
import { cpuPerEvent } from '../support/rounds.js';
import { startService } from '../support/service.js';

const CUSTOMERS = 1_000;

/** Like `kafka`, with EventStoreDB's client and wire protocol between the two sides; the read store is embedded. */
export const kafkaWithEventStoreDb: Bench = {
  name: 'eventstoredb',
  title: 'usage from Kafka to the read store, EventStoreDB adapter on the loopback server',
  run: (options) =>
    withResources(async (resources) => {
      const usage = await usageTopic(resources, `bench-esdb-${process.pid}`);
      const env = { ...kafkaEnv(usage), EVENT_STORE_URL: await loopbackUrl(resources) };
      const service = await startService(resources, { app: 'standalone', env });
      const customers = customerIds(CUSTOMERS);
      await publishPlan(service);
      await untilProjected(service, await subscribeAll(service, customers));
      const pace = await playFromKafka(
        service,
        usage,
        { customers, events: options.events ?? 30_000 },
        options,
      );
      const { store } = await appendCeiling(resources, service, await loopbackUrl(resources));
      return [
        measured('usage events, fetched to projected', 'events/s', pace.projected, {
          ceiling: store,
          aim: 'half the ceiling',
        }),
        cpuPerEvent(pace),
      ];
    }),
};
