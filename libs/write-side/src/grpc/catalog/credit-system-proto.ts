import { fingerprintOf, type rpc } from '#contracts';
import {
  DEFAULT_UNIT_LABELS,
  findCreditSystem,
  keyFromName,
  type Catalog,
  type CreditSystem,
  type DefineCreditSystem,
  type UnitLabels,
} from '#domain';

export function creditSystemToProto(system: CreditSystem): rpc.CreditSystem {
  return {
    key: system.key,
    name: system.name,
    description: system.description ?? '',
    unitSingular: system.unitLabels.singular,
    unitPlural: system.unitLabels.plural,
    scale: system.scale,
    lateUsageGraceMs: system.lateUsageGraceMs,
  };
}

/** A credit system as an answer of the service carries it. */
export function creditSystemFromProto(system: rpc.CreditSystem): CreditSystem {
  return {
    key: system.key,
    name: system.name,
    description: system.description === '' ? null : system.description,
    unitLabels: { singular: system.unitSingular, plural: system.unitPlural },
    scale: system.scale,
    lateUsageGraceMs: system.lateUsageGraceMs,
  };
}

/** The command of a request; what it leaves out is left out. `key` has been checked already. */
export function defineCommandFromProto(
  request: rpc.DefineCreditSystemRequest,
  key: string,
  actor: string | undefined,
  catalog: Catalog,
): DefineCreditSystem {
  const { name, scale, lateUsageGraceMs } = request;
  const creditSystem = request.key === '' ? undefined : request.key;
  const description = request.description === '' ? null : (request.description ?? undefined);
  const { unitSingular, unitPlural } = request;
  return {
    type: 'DefineCreditSystem',
    key,
    // Over what was sent, not over what it comes to: left out today and left out next year are the same content.
    fingerprint: fingerprintOf({
      type: 'DefineCreditSystem',
      creditSystem,
      name,
      description,
      unitSingular,
      unitPlural,
      scale: scale ?? undefined,
      lateUsageGraceMs: lateUsageGraceMs ?? undefined,
    }),
    ...(actor === undefined ? {} : { actor }),
    creditSystem,
    name,
    description,
    unitLabels: labels(
      unitSingular,
      unitPlural,
      findCreditSystem(catalog, creditSystem ?? keyFromName(name))?.unitLabels ?? DEFAULT_UNIT_LABELS,
    ),
    scale: scale ?? undefined,
    lateUsageGraceMs: lateUsageGraceMs ?? undefined,
  };
}

/** Both or none in the domain; a request may give one of them. */
function labels(singular: string, plural: string, otherwise: UnitLabels): UnitLabels | undefined {
  if (singular === '' && plural === '') return undefined;
  return { singular: singular || otherwise.singular, plural: plural || otherwise.plural };
}
