/** One number of a bench, beside what the machine can do at most and what is aimed for. */
export interface Measurement {
  /** In words, with the conditions. */
  readonly what: string;
  readonly unit: 'events/s' | 'calls/s' | 'ms' | 'µs' | 'MiB' | 'bytes';
  /** The median of the rounds. */
  readonly value: number;
  readonly rounds: readonly number[];
  /** The same work without any logic, measured in the same run; in the same unit. */
  readonly ceiling?: { readonly what: string; readonly value: number };
  readonly aim?: string;
}

export interface BenchResult {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly measurements: readonly Measurement[];
}

export interface BenchOptions {
  /** Usage events per round; each bench has its own default. */
  readonly events: number | undefined;
  readonly rounds: number;
  /** What earlier benches of this run measured. */
  readonly earlier: readonly BenchResult[];
  /** A line about what is going on, for whoever waits. */
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<readonly Measurement[]>;
}

/** A measurement of several rounds. */
export function measured(
  what: string,
  unit: Measurement['unit'],
  rounds: readonly number[],
  rest: Pick<Measurement, 'ceiling' | 'aim'> = {},
): Measurement {
  return { what, unit, value: median(rounds), rounds, ...rest };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of the values lies. @throws RangeError when there are none */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new RangeError('a quantile of nothing');
  return value;
}
