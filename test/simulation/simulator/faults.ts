import type { Random } from './random.js';

/** What may go wrong, each once in so many times; 0: never. */
export interface FaultRates {
  /** An append without an answer, written or not, or written much later. */
  readonly ambiguous: number;
  readonly eventStoreAway: number;
  readonly readStoreAway: number;
  readonly deadLettersAway: number;
  /** Standing between the work done and the answer. */
  readonly slowAnswer: number;
}

export const NO_FAULTS: FaultRates = {
  ambiguous: 0,
  eventStoreAway: 0,
  readStoreAway: 0,
  deadLettersAway: 0,
  slowAnswer: 0,
};

export type AppendFault = 'none' | 'away' | 'lost' | 'written' | 'late';

/** Decides, call by call, what goes wrong. */
export class Faults {
  rates: FaultRates = NO_FAULTS;

  constructor(private readonly random: Random) {}

  happens(fault: keyof FaultRates): boolean {
    const times = this.rates[fault];
    return times > 0 && this.random.oneIn(times);
  }

  ofAppend(): AppendFault {
    if (this.happens('eventStoreAway')) return 'away';
    if (!this.happens('ambiguous')) return 'none';
    return this.random.pick(['lost', 'written', 'late']);
  }

  /** Of a write whose answer is lost: whether it was written all the same. */
  writtenAllTheSame(): boolean {
    return this.random.oneIn(2);
  }
}
