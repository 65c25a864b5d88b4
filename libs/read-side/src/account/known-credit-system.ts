import { findCreditSystem, rejection } from '#domain';
import type { LiveCatalog } from '#journal';
import { Refused } from '#platform';

/** @throws Refused CREDIT_SYSTEM_UNKNOWN, when it is not in the catalog as it is now either */
export async function mustKnowCreditSystem(catalog: LiveCatalog, creditSystem: string): Promise<void> {
  if (findCreditSystem(catalog.current, creditSystem)) return;
  if (findCreditSystem(await catalog.refresh(), creditSystem)) return;
  throw new Refused(
    rejection('CREDIT_SYSTEM_UNKNOWN', `there is no credit system ${JSON.stringify(creditSystem)}`),
  );
}
