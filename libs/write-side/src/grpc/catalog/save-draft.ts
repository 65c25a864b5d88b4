import { fingerprintOf, type JsonValue, type rpc } from '#contracts';
import { decideCatalog, isRejection, type Catalog, type Instant, type SavePlanDraft } from '#domain';
import { malformedRequest, RequestFields } from '#platform';
import { identityFromProto } from './identity-from-proto.js';
import { planDraftFromProto } from './plan-from-proto.js';
import { atPaths, planPath } from '../proto-paths.js';

/**
 * The command of a request to save a draft.
 * @throws Refused naming every fault at once: of the fields that cannot be read, and of what the rest says
 */
export function saveDraftFromProto(
  request: rpc.SavePlanDraftRequest,
  catalog: Catalog,
  now: Instant,
): SavePlanDraft {
  const fields = new RequestFields();
  const identity = identityFromProto(request, fields);
  const { planId } = request;
  const content = {
    type: 'SavePlanDraft' as const,
    planId,
    draft: planDraftFromProto(request.terms, fields, 'terms'),
    expectedDraftNumber: request.expectedDraftNumber ?? undefined,
  };
  const fingerprint = fingerprintOf(JSON.parse(JSON.stringify(content)) as JsonValue);
  const command: SavePlanDraft = { ...content, fingerprint, ...identity };
  if (fields.faults.length > 0) {
    throw malformedRequest([...fields.faults, ...otherFaults(command, fields, catalog, now)]);
  }
  return command;
}

/** What the domain says of the fields that could be read; of the others it saw only a stand-in. */
function otherFaults(command: SavePlanDraft, fields: RequestFields, catalog: Catalog, now: Instant) {
  const readable = { ...command, key: 'not answered, only judged' };
  const judged = decideCatalog(catalog, readable, { now });
  if (!isRejection(judged)) return [];
  return atPaths(judged.faults ?? [], planPath).filter(
    ({ path }) => !fields.faults.some((fault) => concerns(fault.path, path)),
  );
}

/** Whether one is the other, or a part of it. */
function concerns(unreadable: string, path: string): boolean {
  return path === unreadable || isWithin(unreadable, path) || isWithin(path, unreadable);
}

function isWithin(part: string, whole: string): boolean {
  return part.startsWith(whole) && '.['.includes(part.charAt(whole.length));
}
