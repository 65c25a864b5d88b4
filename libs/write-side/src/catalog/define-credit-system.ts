import { fingerprintOf } from '#contracts';
import {
  decideCatalog,
  findCreditSystem,
  isRejection,
  keyFromName,
  type Catalog,
  type CatalogCommand,
  type CreditSystem,
  type DefineCreditSystem,
  type Rejection,
} from '#domain';
import type { LiveCatalog } from '#journal';
import type { Clock } from '#platform';
import { ConflictRetriesUsedUp } from '../account/outcome.js';
import type { CatalogHandler, CatalogOutcome } from './catalog-handler.js';

const MAX_ROUNDS = 10;

export interface DefineCreditSystemParts {
  readonly catalog: LiveCatalog;
  readonly catalogHandler: CatalogHandler;
  readonly clock: Clock;
}

/**
 * Makes a credit system be what the command says: defines it, or renames, describes and re-times the one that has
 * the key already. What the command leaves out stays as it is.
 *
 * The changes come first, under keys of their own, and the definition last, under the sender's key. So nothing is
 * changed when any part would be refused; a sender that saw no answer sends the same again and the rest is done;
 * and from then on the sender's key has its answer for ever.
 */
export async function defineCreditSystem(
  command: DefineCreditSystem,
  { catalog, catalogHandler, clock }: DefineCreditSystemParts,
): Promise<CatalogOutcome | Rejection> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const state = await catalog.refresh();
    const revision = catalog.revision;
    const existing = findCreditSystem(state, keyOf(command));
    const wanted = existing && overExisting(command, existing);
    const define = { ...command, ...(wanted && definitionOf(wanted)) };
    if (wanted && isKeyTaken(decideCatalog(state, define, { now: clock.now() }))) {
      for (const change of changesTo(existing, wanted, command, revision)) {
        const outcome = await catalogHandler.execute(change);
        if (isRejection(outcome)) return outcome;
      }
    }
    const outcome = await catalogHandler.execute(define);
    // Taken once more: somebody else changed it meanwhile.
    if (!isKeyTaken(outcome)) return outcome;
  }
  throw new ConflictRetriesUsedUp('catalog', MAX_ROUNDS);
}

/** The credit system as the command was answered: what it says, over what was there. */
export function definedCreditSystem(command: DefineCreditSystem, catalog: Catalog): CreditSystem {
  const existing = findCreditSystem(catalog, keyOf(command));
  if (!existing) throw new Error(`the credit system ${keyOf(command)} was defined and is not there`);
  return overExisting(command, existing);
}

function overExisting(
  { name, description, unitLabels, scale, lateUsageGraceMs }: DefineCreditSystem,
  existing: CreditSystem,
): CreditSystem {
  return {
    key: existing.key,
    name,
    description: description === undefined ? existing.description : description,
    unitLabels: unitLabels ?? existing.unitLabels,
    scale: scale ?? existing.scale,
    lateUsageGraceMs: lateUsageGraceMs ?? existing.lateUsageGraceMs,
  };
}

function definitionOf({ key, ...definition }: CreditSystem): Partial<DefineCreditSystem> {
  return { creditSystem: key, ...definition };
}

function keyOf({ creditSystem, name }: DefineCreditSystem): string {
  return creditSystem ?? keyFromName(name);
}

/** The name first: it alone can be refused now, and then nothing must have changed. */
function changesTo(
  existing: CreditSystem,
  wanted: CreditSystem,
  { key, actor }: DefineCreditSystem,
  revision: number,
): readonly CatalogCommand[] {
  const changes: CatalogCommand[] = [];
  const creditSystem = existing.key;
  // Unique for ever: what differs is looked up anew each time, so no change is ever sent again.
  const identity = (step: string) => ({
    key: `define-credit-system/${fingerprintOf({ key, step, revision })}`,
    fingerprint: fingerprintOf({ key, step, revision }),
    ...(actor === undefined ? {} : { actor }),
  });
  const { name, description, unitLabels, lateUsageGraceMs } = wanted;
  if (existing.name !== name) {
    changes.push({ type: 'RenameCreditSystem', creditSystem, name, ...identity('rename') });
  }
  const { singular, plural } = existing.unitLabels;
  if (
    existing.description !== description ||
    singular !== unitLabels.singular ||
    plural !== unitLabels.plural
  ) {
    changes.push({
      type: 'DescribeCreditSystem',
      creditSystem,
      description,
      unitLabels,
      ...identity('describe'),
    });
  }
  if (existing.lateUsageGraceMs !== lateUsageGraceMs) {
    changes.push({ type: 'ChangeLateUsageGrace', creditSystem, lateUsageGraceMs, ...identity('grace') });
  }
  return changes;
}

function isKeyTaken(outcome: CatalogOutcome | Rejection | ReturnType<typeof decideCatalog>): boolean {
  return isRejection(outcome) && outcome.reason === 'CREDIT_SYSTEM_KEY_TAKEN';
}
