import type { Instant } from '#domain';
import type { DayUsage } from '../../demo/day.js';

/** A usage event that was produced, and what has to become of it. */
export interface ProducedUsage {
  readonly usage: DayUsage;
  readonly kind:
    /** Counts once, however often and on whatever ways it was sent. */
    | 'metered'
    /** Asked first: counts if and only if the last answer said so. */
    | 'synchronous'
    /** The plan gives the feature no cost: nothing is recorded. */
    | 'not-metered';
  /** Of a synchronous one: whether it was answered as debited, or refused by rule. */
  answer?: 'debited' | 'refused';
}

/** A grant that was asked for until it was answered. */
export interface ProducedGrant {
  readonly customerId: string;
  readonly key: string;
  /** Credits, a decimal string. */
  readonly amount: string;
  readonly effectiveAt: Instant;
  readonly expiresAt: Instant | undefined;
}

/** Everything that was produced, as the sender knows it. */
export interface Produced {
  readonly customers: readonly string[];
  readonly usages: readonly ProducedUsage[];
  readonly grants: readonly ProducedGrant[];
  /** Values of messages on the usage topic that must be refused, each once. */
  readonly refused: readonly Buffer[];
  /** Messages on the usage topic, duplicates and refused ones included. */
  readonly messages: number;
  /** Calls that were answered with something that no rule explains. */
  readonly surprises: readonly string[];
  /** How often a call had to be sent again. */
  readonly repeats: number;
}
