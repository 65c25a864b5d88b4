import {
  completeDraft,
  findPlan,
  listCreditSystems,
  listPlanHistories,
  type Catalog,
  type ResetInterval,
} from '#domain';

/**
 * The whole catalog as a plan file: plain values that YAML or JSON can write, everything spelled out, amounts
 * as texts. Reading it back and applying it to the same catalog changes nothing.
 */
export function writePlanFile(catalog: Catalog): unknown {
  return {
    creditSystems: listCreditSystems(catalog).map(({ lateUsageGraceMs, ...system }) => ({
      ...system,
      lateUsageGrace: elapsed(lateUsageGraceMs),
    })),
    plans: listPlanHistories(catalog).map(({ id, draft }) => {
      const terms = completeDraft(draft);
      const latest = findPlan(catalog, id);
      const published =
        latest !== undefined && JSON.stringify(completeDraft(latest)) === JSON.stringify(terms);
      return plain({ id, publish: published, ...terms });
    }),
  };
}

/** Amounts become texts, and intervals of one unit the unit's name. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value), (name, member: unknown) =>
    (name === 'resetInterval' || name === 'billingInterval') && (member as ResetInterval).count === 1
      ? (member as ResetInterval).unit
      : member,
  );
}

function elapsed(ms: number): string | number {
  if (ms % 3_600_000 === 0) return `PT${ms / 3_600_000}H`;
  if (ms % 60_000 === 0) return `PT${ms / 60_000}M`;
  return ms % 1000 === 0 ? `PT${ms / 1000}S` : ms;
}
