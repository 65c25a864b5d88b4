import { keyFromName, type Fault, type PlanDraft } from '#domain';
import type { z } from 'zod';
import { faultsOf } from '../faults.js';
import { planFileSchema, type creditSystemEntry } from './plan-file-schema.js';

/** A plan file in the domain's types: credit systems and plan drafts, in the order in which they are applied. */
export interface PlanFile {
  readonly creditSystems: readonly CreditSystemEntry[];
  readonly plans: readonly PlanEntry[];
}

export type CreditSystemEntry = Omit<z.output<typeof creditSystemEntry>, 'key'> & { readonly key: string };

export interface PlanEntry {
  readonly id: string;
  /** False: only the draft is saved. */
  readonly publish: boolean;
  readonly draft: PlanDraft;
}

export type PlanFileReading =
  | { readonly ok: PlanFile }
  /** Every fault at once, by path: `plans[0].credits[1].included.allowance`. */
  | { readonly faults: readonly Fault[] };

/**
 * Reads a plan file that has been parsed (YAML or JSON). Checks shapes; whether a plan contradicts itself or
 * the catalog is for the domain to say.
 */
export function readPlanFile(parsed: unknown): PlanFileReading {
  const result = planFileSchema.safeParse(parsed);
  if (!result.success) return { faults: faultsOf(result.error.issues, parsed, Infinity) };
  const creditSystems = result.data.creditSystems.map((entry) => ({
    ...entry,
    key: entry.key ?? keyFromName(entry.name),
  }));
  const plans = result.data.plans.map(({ id, publish, ...draft }): PlanEntry => ({ id, publish, draft }));
  const faults = [
    ...repeated(
      creditSystems.map(({ key }) => key),
      'creditSystems',
      'key',
    ),
    ...repeated(
      plans.map(({ id }) => id),
      'plans',
      'id',
    ),
  ];
  return faults.length > 0 ? { faults } : { ok: { creditSystems, plans } };
}

function repeated(names: readonly string[], list: string, member: string): readonly Fault[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const message = `${JSON.stringify(name)} stands at ${list}[${first}] already`;
    return [{ path: `${list}[${index}].${member}`, message }];
  });
}
