import type { PlanTerms } from '#domain';

/** What a plan says, without what tells it from another one that says the same. */
export function termsOf({ name, timeZone, credits, features }: PlanTerms): PlanTerms {
  return { name, timeZone, credits, features };
}
