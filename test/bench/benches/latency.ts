import { setTimeout as delay } from 'node:timers/promises';
import { measured, quantile, type Bench, type BenchOptions } from '../measurement.js';
import { customerIds, publishPlan, subscribeAll } from '../support/customers.js';
import { kafkaEnv, usageTopic, type UsageTopic } from '../support/kafka.js';
import { playFromKafka } from '../support/kafka-rounds.js';
import { Probe } from '../support/probes.js';
import { projectedEvents, untilProjected } from '../support/projected.js';
import { withResources } from '../support/resources.js';
import { startService, type Service } from '../support/service.js';
import { usageOf } from '../support/workload.js';

const CUSTOMERS = 1_000;
const PROBES = 20;
const TICK_MS = 10;
const SECONDS = 12;
/** At the beginning nobody is warm. */
const LEFT_OUT_SECONDS = 2;

/** From the moment a producer hands an event over until a watcher of that wallet sees it, at half the full load. */
export const latency: Bench = {
  name: 'latency',
  title: 'from produced to Kafka until visible in WatchWallet, at half the measured load',
  run: (options) =>
    withResources(async (resources) => {
      const usage = await usageTopic(resources, `bench-latency-${process.pid}`);
      const service = await startService(resources, { app: 'standalone', env: kafkaEnv(usage) });
      const customers = customerIds(CUSTOMERS);
      await publishPlan(service);
      await untilProjected(service, await subscribeAll(service, customers));
      const pace = await playFromKafka(
        service,
        usage,
        { customers, events: options.events ?? 30_000 },
        { ...options, rounds: 1 },
      );
      const half = Math.floor((measuredBefore(options) ?? pace.projected[0] ?? 1_000) / 2);
      options.say(`${half} events/s for ${SECONDS} s`);
      const latencies = await underLoad(service, usage, customers, half);
      const at = `at ${half.toLocaleString('en-GB')} events/s`;
      return [
        measured(`produced to visible, p50, ${at}`, 'ms', [quantile(latencies, 0.5)]),
        measured(`produced to visible, p99, ${at}`, 'ms', [quantile(latencies, 0.99)]),
      ];
    }),
};

/** What the `kafka` bench of the same run came to. */
function measuredBefore({ earlier }: BenchOptions): number | undefined {
  return earlier.find(({ name }) => name === 'kafka')?.measurements[0]?.value;
}

async function underLoad(
  service: Service,
  usage: UsageTopic,
  customers: readonly string[],
  perSecond: number,
): Promise<readonly number[]> {
  const probes = await Promise.all(
    customers.slice(-PROBES).map((customerId) => Probe.watch(service, customerId)),
  );
  const others = customers.slice(0, -PROBES);
  const load = usageOf({ customers: others, events: perSecond * SECONDS, run: 'load' });
  const before = await projectedEvents(service);
  const from = performance.now();
  let sent = 0;
  let ticks = 0;
  let kept = 0;
  while (sent < load.length) {
    const elapsed = performance.now() - from;
    if (elapsed > LEFT_OUT_SECONDS * 1000 && kept === 0) {
      for (const probe of probes) probe.latencies.length = 0;
      kept = 1;
    }
    const due = Math.min(load.length, Math.floor((elapsed / 1000) * perSecond));
    const probe = probes[ticks % PROBES];
    if (!probe) break;
    const sample = usageOf({ customers: [probe.customerId], events: 1, run: `probe-${ticks}` });
    probe.produced();
    // One at a time, as a producer that keeps the order does; what comes due meanwhile goes with the next.
    await usage.publish([...load.slice(sent, due), ...sample]);
    sent = due;
    ticks += 1;
    await delay(TICK_MS);
  }
  await untilProjected(service, before + load.length + ticks);
  const patience = performance.now() + 5_000;
  while (probes.some(({ outstanding }) => outstanding > 0) && performance.now() < patience) await delay(20);
  const outstanding = probes.reduce((sum, probe) => sum + probe.outstanding, 0);
  for (const probe of probes) probe.close();
  if (outstanding > 0) throw new Error(`${outstanding} of ${ticks} watched usage events never showed`);
  return probes.flatMap(({ latencies }) => latencies);
}
