import type { BenchOptions } from '../measurement.js';
import { measured, type Measurement } from '../measurement.js';
import { projectedEvents, untilProjected } from './projected.js';
import type { Service } from './service.js';

/** One round of usage, from the first event handed over to the last one in the read store. */
export interface Round {
  /** How many events. */
  readonly events: number;
  /** Makes what is sent; not part of the time. */
  prepare(): Promise<void>;
  /** Sends it, or lets the process begin with it. */
  send(): Promise<void>;
  /** Whether what came of it is what was to be measured; throws if not. Not part of the time. */
  check?(): void;
}

export interface Pace {
  /** Events per second until `send` was done. */
  readonly sent: number[];
  /** Events per second until the last one was in the read store. */
  readonly projected: number[];
  /** CPU time of the process per event, in microseconds, all its threads together. */
  readonly cpu: number[];
}

/** Plays a round to warm up and then the rounds that count. */
export async function playRounds(
  service: Service,
  { rounds, say }: Pick<BenchOptions, 'rounds' | 'say'>,
  roundOf: (round: number) => Round,
): Promise<Pace> {
  const pace: Pace = { sent: [], projected: [], cpu: [] };
  for (let number = 0; number <= rounds; number++) {
    const round = roundOf(number);
    const { events } = round;
    const before = await projectedEvents(service);
    const cpuBefore = await cpuSeconds(service);
    await round.prepare();
    const from = performance.now();
    await round.send();
    const sent = performance.now() - from;
    await untilProjected(service, before + events);
    const all = performance.now() - from;
    const cpu = ((await cpuSeconds(service)) - cpuBefore) * 1e6;
    round.check?.();
    if (number === 0) continue;
    pace.sent.push((events / sent) * 1000);
    pace.projected.push((events / all) * 1000);
    pace.cpu.push(cpu / events);
    say(
      `round ${number}: ${events} events in ${all.toFixed(0)} ms, ${(cpu / events).toFixed(0)} µs of CPU each`,
    );
  }
  return pace;
}

/** Work of others on the machine takes from the pace, but hardly from this. */
export function cpuPerEvent({ cpu }: Pace): Measurement {
  return measured('CPU time of the process per event, all threads', 'µs', cpu);
}

async function cpuSeconds(service: Service): Promise<number> {
  return service.metric('process_cpu_seconds_total');
}
