import type { BenchOptions } from '../measurement.js';
import type { DayUsage } from '../../demo/day.js';
import type { UsageTopic } from './kafka.js';
import { playRounds, type Pace } from './rounds.js';
import type { Service } from './service.js';
import { usageOf } from './workload.js';

const WARM_UP = 30_000;

/**
 * Rounds of usage that waits in Kafka: the process is held still while a round is being published, so that the
 * producer takes nothing from it, and the time runs from the moment it goes on.
 */
export function playFromKafka(
  service: Service,
  usage: UsageTopic,
  { customers, events }: { readonly customers: readonly string[]; readonly events: number },
  options: Pick<BenchOptions, 'rounds' | 'say'>,
): Promise<Pace> {
  return playRounds(service, options, (round) => {
    const count = round === 0 ? WARM_UP : events;
    const usages: DayUsage[] = usageOf({ customers, events: count, run: `kafka-${round}` });
    return {
      events: count,
      prepare: async () => {
        service.hold();
        try {
          await usage.publish(usages);
        } catch (error) {
          service.resume();
          throw error;
        }
      },
      send: () => {
        service.resume();
        return Promise.resolve();
      },
    };
  });
}
