import { join } from 'node:path';
import { measured, quantile, type Bench } from '../measurement.js';
import { appendCeiling } from '../support/append-ceiling.js';
import { callersInFlood } from '../support/callers-in-flood.js';
import { customerIds, publishPlan, subscribeAll } from '../support/customers.js';
import { untilProjected } from '../support/projected.js';
import { usageMessages } from '../support/record-usage.js';
import { withResources } from '../support/resources.js';
import { cpuPerEvent } from '../support/rounds.js';
import { startService } from '../support/service.js';
import { playFromStream } from '../support/stream-rounds.js';
import { usageOf } from '../support/workload.js';

const CUSTOMERS = 1_000;
/** While a stream floods the process: as many as go out in 20 seconds. */
const MOST_CALLS = 1_000;

/** Usage over one `RecordUsageStream` until the read store has all of it; both sides in one process. */
export const grpcToProjected: Bench = {
  name: 'grpc',
  title: 'usage from a gRPC stream to the read store, embedded stores, one process',
  run: (options) =>
    withResources(async (resources) => {
      const service = await startService(resources, { app: 'standalone' });
      const customers = customerIds(CUSTOMERS);
      await publishPlan(service);
      await untilProjected(service, await subscribeAll(service, customers));
      const events = options.events ?? 120_000;
      const pace = await playFromStream(service, { customers, events }, options);
      const waits = await callersInFlood(
        service,
        usageMessages(service, usageOf({ customers, events, run: 'grpc-flood' })),
        usageOf({ customers, events: MOST_CALLS, run: 'grpc-caller' }),
      );
      const target = `sqlite:${join(await resources.folder(), 'events.db')}`;
      const { store, bytes } = await appendCeiling(resources, service, target);
      return [
        measured('usage events, sent to projected', 'events/s', pace.projected, {
          ceiling: store,
          aim: '30,000 and half the ceiling',
        }),
        measured('usage events, sent to durable and answered', 'events/s', pace.sent, { ceiling: store }),
        cpuPerEvent(pace),
        measured('a single RecordUsage meanwhile, p50', 'ms', [quantile(waits, 0.5)]),
        measured('a single RecordUsage meanwhile, p99', 'ms', [quantile(waits, 0.99)]),
        measured('stored bytes per event', 'bytes', [bytes]),
      ];
    }),
};
