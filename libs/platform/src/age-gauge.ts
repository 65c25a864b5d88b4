import { Gauge, type GaugeConfiguration } from 'prom-client';

type Labels<L extends string> = Partial<Record<L, string>>;

/** A gauge of how long something has waited, in milliseconds: computed when it is looked at, so that it grows by itself. */
export class AgeGauge<L extends string = string> {
  readonly #since = new Map<string, { readonly labels: Labels<L>; readonly sinceMs: number | undefined }>();

  constructor(configuration: GaugeConfiguration<L>, now: () => number = Date.now) {
    const gauge = new Gauge<L>({
      ...configuration,
      collect: () => {
        for (const { labels, sinceMs } of this.#since.values()) {
          gauge.set(labels, sinceMs === undefined ? 0 : Math.max(0, now() - sinceMs));
        }
      },
    });
  }

  /** `sinceMs`: since the epoch; undefined: nothing waits, which is shown as 0. */
  since(labels: Labels<L>, sinceMs: number | undefined): void {
    this.#since.set(JSON.stringify(labels), { labels, sinceMs });
  }
}
