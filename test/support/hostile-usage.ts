import type { IHeaders } from 'kafkajs';
import type { Random } from './random.js';

/** What has to become of a message. `any`: chance decides whether it is still usage; it must be accounted for. */
export type Fate = 'debited' | 'duplicate' | 'notMetered' | 'deadLetter' | 'any';

/** Usage that is in order, whatever is done to it afterwards. */
export interface GoodUsage {
  readonly source: string;
  readonly id: string;
  readonly customer: string;
  readonly quantity: string;
  readonly time: string;
}

/** One message of the usage topic, and what has to become of it. */
export interface HostileMessage {
  /** Of the kind of harm it is meant to do, for the failure's text. */
  readonly what: string;
  readonly fate: Fate;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  /** Where it is good: what has to be debited exactly. */
  readonly usage?: GoodUsage;
}

export interface HostileWorld {
  readonly random: Random;
  /** Makes ids unique to a run. */
  readonly run: string;
  readonly customers: readonly string[];
  /** One more, whose credits are used up and overdrawn. */
  readonly debtor: string;
  /** What is metered in credits for all of them. */
  readonly feature: string;
  /** Metered as well, and so dear that quantities within the limits cost more than can be counted. */
  readonly dearFeature: string;
  readonly partitions: number;
  readonly nowMs: number;
}

export type Made = Omit<HostileMessage, 'what'>;
/** A way of doing harm: how often among the others, and how. */
export type Kind = readonly [what: string, weight: number, make: (usage: HostileUsage) => Made];

/** What hostile messages are made of: good usage, and what was sent before. */
export class HostileUsage {
  readonly #sent: { readonly usage: GoodUsage; readonly made: Made }[] = [];
  #made = 0;

  constructor(readonly world: HostileWorld) {}

  /** Usage that has to be debited. */
  good(): GoodUsage {
    const { random, run, customers, nowMs } = this.world;
    return {
      source: run,
      id: `u${this.#made++}`,
      customer: random.pick(customers),
      quantity:
        random.next() < 0.5 ? String(1 + random.below(500)) : `${random.below(500)}.${1 + random.below(99)}`,
      time: new Date(nowMs - random.below(60_000)).toISOString(),
    };
  }

  message(usage: GoodUsage, fate: Fate, over: Partial<Made> = {}): Made {
    const made = {
      fate,
      partition: this.partitionOf(usage.customer),
      key: Buffer.from(usage.customer),
      value: Buffer.from(this.json(usage)),
      headers: {},
      ...(fate === 'debited' && { usage }),
      ...over,
    };
    if (fate === 'debited') this.#sent.push({ usage, made });
    return made;
  }

  /** One that was sent before and has been, or will be, debited; a good one when there is none yet. */
  earlier(): { readonly usage: GoodUsage; readonly made: Made } | undefined {
    return this.#sent.length > 0 ? this.world.random.pick(this.#sent) : undefined;
  }

  /** Each customer has one, so that the order of what is sent is the order in which it is read. */
  partitionOf(customer: string): number {
    return Math.max(0, this.world.customers.indexOf(customer)) % this.world.partitions;
  }

  json(usage: GoodUsage, data = this.data(usage), more = ''): string {
    const { source, id, customer, time } = usage;
    const attributes = { specversion: '1.0', id, source, type: 'usage.recorded', subject: customer, time };
    return `${JSON.stringify(attributes).slice(0, -1)}${more},"data":${data}}`;
  }

  data({ quantity }: GoodUsage): string {
    return JSON.stringify({ feature: this.world.feature, quantity, dimensions: { model: 'xl' } });
  }

  /** Random bytes; beyond a page they repeat. */
  bytes(length: number): Buffer {
    const page = Buffer.alloc(Math.min(length, 4096));
    for (let at = 0; at < page.length; at++) page[at] = this.world.random.below(256);
    return length === 0 ? page : Buffer.alloc(length, page);
  }

  anyPartition(): number {
    return this.world.random.below(this.world.partitions);
  }
}
