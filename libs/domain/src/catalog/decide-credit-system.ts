import { rejection, rejectionForFaults, type Fault, type Rejection } from '../rejection.js';
import type {
  ChangeLateUsageGrace,
  DefineCreditSystem,
  DescribeCreditSystem,
  RenameCreditSystem,
} from './commands.js';
import {
  DEFAULT_LATE_USAGE_GRACE_MS,
  DEFAULT_SCALE,
  DEFAULT_UNIT_LABELS,
  descriptionOf,
  keyFromName,
  MAX_SCALE,
  sameName,
  type CreditSystem,
  type UnitLabels,
} from './credit-system.js';
import type { CatalogVerdict } from './decision.js';
import type { CatalogAnswer, CatalogFact } from './events.js';
import { findCreditSystem, listCreditSystems, type Catalog } from './state.js';
import { descriptionFaults, keyFaults, nameFaults, show } from './text-faults.js';

/** A year: whoever waits longer for late usage would never see anything expire. */
const MAX_GRACE_MS = 366 * 86_400_000;

/**
 * Defines a credit system. Defining it again as it is changes nothing; with any difference the key is taken,
 * because a definition must not rename somebody else's credits by accident.
 */
export function define(state: Catalog, command: DefineCreditSystem, fact: CatalogFact): CatalogVerdict {
  const wanted: CreditSystem = {
    key: command.creditSystem ?? keyFromName(command.name),
    name: command.name,
    description: descriptionOf(command.description),
    unitLabels: labelsOf(command.unitLabels ?? DEFAULT_UNIT_LABELS),
    scale: command.scale ?? DEFAULT_SCALE,
    lateUsageGraceMs: command.lateUsageGraceMs ?? DEFAULT_LATE_USAGE_GRACE_MS,
  };
  const faults = systemFaults(wanted, command.creditSystem === undefined);
  if (faults.length > 0) return invalid(wanted.key, faults);

  const existing = findCreditSystem(state, wanted.key);
  if (existing) return sameSystem(existing, wanted) ? answer(existing) : taken(existing, wanted);
  const namesake = namesakeOf(state, wanted);
  if (namesake) return nameTaken(namesake);
  const { key, ...definition } = wanted;
  return { type: 'CreditSystemDefined', creditSystem: key, ...definition, ...fact };
}

export function rename(state: Catalog, command: RenameCreditSystem, fact: CatalogFact): CatalogVerdict {
  const system = findCreditSystem(state, command.creditSystem);
  if (!system) return unknown(command.creditSystem);
  const faults = nameFaults(command.name, 'name');
  if (faults.length > 0) return invalid(system.key, faults);
  if (system.name === command.name) return answer(system);
  const renamed = { ...system, name: command.name };
  const namesake = namesakeOf(state, renamed);
  if (namesake) return nameTaken(namesake);
  const names = { name: command.name, formerName: system.name };
  return { type: 'CreditSystemRenamed', creditSystem: system.key, ...names, ...fact };
}

export function describe(state: Catalog, command: DescribeCreditSystem, fact: CatalogFact): CatalogVerdict {
  const system = findCreditSystem(state, command.creditSystem);
  if (!system) return unknown(command.creditSystem);
  const described: CreditSystem = {
    ...system,
    description: descriptionOf(command.description === undefined ? system.description : command.description),
    unitLabels: labelsOf(command.unitLabels ?? system.unitLabels),
  };
  const faults = systemFaults(described, false);
  if (faults.length > 0) return invalid(system.key, faults);
  if (sameSystem(system, described)) return answer(system);
  const { description, unitLabels } = described;
  return { type: 'CreditSystemDescribed', creditSystem: system.key, description, unitLabels, ...fact };
}

export function changeGrace(
  state: Catalog,
  command: ChangeLateUsageGrace,
  fact: CatalogFact,
): CatalogVerdict {
  const system = findCreditSystem(state, command.creditSystem);
  if (!system) return unknown(command.creditSystem);
  const { lateUsageGraceMs } = command;
  const faults = graceFaults(lateUsageGraceMs);
  if (faults.length > 0) return invalid(system.key, faults);
  if (system.lateUsageGraceMs === lateUsageGraceMs) return answer(system);
  return { type: 'LateUsageGraceChanged', creditSystem: system.key, lateUsageGraceMs, ...fact };
}

function systemFaults(system: CreditSystem, keyDerived: boolean): readonly Fault[] {
  const { scale } = system;
  const faults: Fault[] = [...nameFaults(system.name, 'name')];
  if (keyDerived && system.key === '') {
    faults.push({ path: 'key', message: `none can be derived from the name ${show(system.name)}: give one` });
  } else {
    faults.push(...keyFaults(system.key, 'key'));
  }
  faults.push(...descriptionFaults(system.description, 'description'));
  faults.push(...nameFaults(system.unitLabels.singular, 'unitLabels.singular'));
  faults.push(...nameFaults(system.unitLabels.plural, 'unitLabels.plural'));
  if (!Number.isInteger(scale) || scale < 0 || scale > MAX_SCALE) {
    faults.push({ path: 'scale', message: `a whole number from 0 to ${MAX_SCALE}, not ${scale}` });
  }
  faults.push(...graceFaults(system.lateUsageGraceMs));
  return faults;
}

function graceFaults(ms: number): readonly Fault[] {
  if (Number.isInteger(ms) && ms >= 0 && ms <= MAX_GRACE_MS) return [];
  return [
    { path: 'lateUsageGrace', message: `whole milliseconds from 0 to a year (${MAX_GRACE_MS}), not ${ms}` },
  ];
}

function namesakeOf(state: Catalog, system: CreditSystem): CreditSystem | undefined {
  return listCreditSystems(state).find(
    (other) => other.key !== system.key && sameName(other.name, system.name),
  );
}

function sameSystem(a: CreditSystem, b: CreditSystem): boolean {
  return (
    a.name === b.name &&
    a.description === b.description &&
    a.unitLabels.singular === b.unitLabels.singular &&
    a.unitLabels.plural === b.unitLabels.plural &&
    a.scale === b.scale &&
    a.lateUsageGraceMs === b.lateUsageGraceMs
  );
}

function labelsOf({ singular, plural }: UnitLabels): UnitLabels {
  return { singular, plural };
}

function answer({ key }: CreditSystem): CatalogAnswer {
  return { kind: 'creditSystem', creditSystem: key };
}

function taken(existing: CreditSystem, wanted: CreditSystem): Rejection {
  if (existing.scale !== wanted.scale) {
    return rejection(
      'SCALE_IMMUTABLE',
      `credit system ${existing.key} has scale ${existing.scale}, which never changes; asked for ${wanted.scale}`,
      { numbers: { scale: String(existing.scale), asked: String(wanted.scale) } },
    );
  }
  return rejection(
    'CREDIT_SYSTEM_KEY_TAKEN',
    `key ${existing.key} belongs to the credit system ${show(existing.name)}; rename or describe it, or choose another key`,
  );
}

function nameTaken(namesake: CreditSystem): Rejection {
  return rejection(
    'CREDIT_SYSTEM_NAME_TAKEN',
    `the credit system ${namesake.key} has the name ${show(namesake.name)} already`,
  );
}

function unknown(key: string): Rejection {
  return rejection('CREDIT_SYSTEM_UNKNOWN', `no credit system ${show(key)}`);
}

function invalid(key: string, faults: readonly Fault[]): Rejection {
  return rejectionForFaults('CREDIT_SYSTEM_INVALID', `credit system ${show(key)}`, faults);
}
