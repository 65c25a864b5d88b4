import { fingerprintOf, type rpc } from '#contracts';
import {
  DEFAULT_UNIT_LABELS,
  type ChangeLateUsageGrace,
  type CreditSystem,
  type DefineCreditSystem,
  type DescribeCreditSystem,
  type RenameCreditSystem,
} from '#domain';
import { digits, type RequestFields } from '#platform';
import { identityFromProto } from './identity-from-proto.js';

export type CreditSystemCommand =
  DefineCreditSystem | RenameCreditSystem | DescribeCreditSystem | ChangeLateUsageGrace;

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

export function defineFromProto(
  request: rpc.DefineCreditSystemRequest,
  fields: RequestFields,
): DefineCreditSystem {
  const { name, unitSingular, unitPlural } = request;
  const content = {
    type: 'DefineCreditSystem' as const,
    creditSystem: request.key === '' ? undefined : request.key,
    name,
    description: descriptionOf(request.description),
    unitLabels:
      unitSingular === '' && unitPlural === ''
        ? undefined
        : {
            singular: unitSingular || DEFAULT_UNIT_LABELS.singular,
            plural: unitPlural || DEFAULT_UNIT_LABELS.plural,
          },
    scale: request.scale ?? undefined,
    lateUsageGraceMs: graceFromProto(request.lateUsageGraceMs ?? undefined, fields),
  };
  return { ...content, ...identityFromProto(request, fields), fingerprint: fingerprintOf(content) };
}

export function renameFromProto(
  request: rpc.RenameCreditSystemRequest,
  fields: RequestFields,
): RenameCreditSystem {
  const content = {
    type: 'RenameCreditSystem' as const,
    creditSystem: fields.name(request.key, 'key'),
    name: request.name,
  };
  return { ...content, ...identityFromProto(request, fields), fingerprint: fingerprintOf(content) };
}

export function describeFromProto(
  request: rpc.DescribeCreditSystemRequest,
  fields: RequestFields,
): DescribeCreditSystem {
  const { unitSingular: singular, unitPlural: plural } = request;
  if (singular === '' && plural !== '') fields.fault('unit_singular', 'is missing: both labels or neither');
  if (singular !== '' && plural === '') fields.fault('unit_plural', 'is missing: both labels or neither');
  const content = {
    type: 'DescribeCreditSystem' as const,
    creditSystem: fields.name(request.key, 'key'),
    description: descriptionOf(request.description),
    unitLabels: singular === '' && plural === '' ? undefined : { singular, plural },
  };
  return { ...content, ...identityFromProto(request, fields), fingerprint: fingerprintOf(content) };
}

export function changeGraceFromProto(
  request: rpc.ChangeLateUsageGraceRequest,
  fields: RequestFields,
): ChangeLateUsageGrace {
  const content = {
    type: 'ChangeLateUsageGrace' as const,
    creditSystem: fields.name(request.key, 'key'),
    lateUsageGraceMs: graceFromProto(request.lateUsageGraceMs, fields),
  };
  return { ...content, ...identityFromProto(request, fields), fingerprint: fingerprintOf(content) };
}

/** What was rounded when it was read is refused here, where that can be said. */
function graceFromProto<T extends number | undefined>(ms: T, fields: RequestFields): T {
  if (ms !== undefined && !Number.isSafeInteger(ms)) {
    fields.fault('late_usage_grace_ms', `must be whole milliseconds from 0 to a year, got ${digits(ms)}`);
  }
  return ms;
}

/** Not set: not said. Empty: none. */
function descriptionOf(description: string | null | undefined): string | null | undefined {
  return description === '' ? null : (description ?? undefined);
}
