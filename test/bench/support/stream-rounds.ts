import type { BenchOptions } from '../measurement.js';
import { checkDebited, recordUsage, usageMessages } from './record-usage.js';
import { playRounds, type Pace } from './rounds.js';
import type { Service } from './service.js';
import { usageOf } from './workload.js';

const WARM_UP = 30_000;

/** Rounds of usage over one `RecordUsageStream` each. */
export function playFromStream(
  service: Service,
  { customers, events }: { readonly customers: readonly string[]; readonly events: number },
  options: Pick<BenchOptions, 'rounds' | 'say'>,
): Promise<Pace> {
  return playRounds(service, options, (round) => {
    const count = round === 0 ? WARM_UP : events;
    let messages: Buffer[] = [];
    let answers: Buffer[] = [];
    return {
      events: count,
      prepare: () => {
        messages = usageMessages(service, usageOf({ customers, events: count, run: `grpc-${round}` }));
        return Promise.resolve();
      },
      send: async () => {
        answers = await recordUsage(service, messages);
      },
      check: () => {
        checkDebited(service, answers, count);
      },
    };
  });
}
