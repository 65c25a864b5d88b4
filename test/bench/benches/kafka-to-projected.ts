import { join } from 'node:path';
import { measured, type Bench } from '../measurement.js';
import { appendCeiling } from '../support/append-ceiling.js';
import { consumeCeiling } from '../support/consume-ceiling.js';
import { customerIds, publishPlan, subscribeAll } from '../support/customers.js';
import { kafkaEnv, usageTopic } from '../support/kafka.js';
import { playFromKafka } from '../support/kafka-rounds.js';
import { untilProjected } from '../support/projected.js';
import { withResources } from '../support/resources.js';
import { cpuPerEvent } from '../support/rounds.js';
import { startService } from '../support/service.js';

const CUSTOMERS = 1_000;

/** Usage that waits in Kafka until the read store has all of it; both sides in one process, embedded stores. */
export const kafkaToProjected: Bench = {
  name: 'kafka',
  title: 'usage from Kafka to the read store, embedded stores, one process',
  run: (options) =>
    withResources(async (resources) => {
      const usage = await usageTopic(resources, `bench-${process.pid}`);
      const service = await startService(resources, { app: 'standalone', env: kafkaEnv(usage) });
      const customers = customerIds(CUSTOMERS);
      await publishPlan(service);
      await untilProjected(service, await subscribeAll(service, customers));
      const events = options.events ?? 120_000;
      const pace = await playFromKafka(service, usage, { customers, events }, options);
      const target = `sqlite:${join(await resources.folder(), 'events.db')}`;
      const { store } = await appendCeiling(resources, service, target);
      const kafkajs = await consumeCeiling(resources, usage, events * options.rounds);
      return [
        measured('usage events, fetched to projected', 'events/s', pace.projected, {
          ceiling: store,
          aim: '20,000 and half the ceiling',
        }),
        measured('the same beside the consumer', 'events/s', pace.projected, { ceiling: kafkajs }),
        cpuPerEvent(pace),
      ];
    }),
};
