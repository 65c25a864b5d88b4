import type { RequestFields } from '#platform';

/** The part of every catalog request that identifies it. */
export interface IdentifiedRequest {
  readonly idempotencyKey: string;
  /** Who asked for it; not part of the content, so that anybody may send it again. */
  readonly actor: string;
}

export function identityFromProto(
  { idempotencyKey, actor }: IdentifiedRequest,
  fields: RequestFields,
): { readonly key: string; readonly actor?: string } {
  const key = fields.key(idempotencyKey);
  return actor === '' ? { key } : { key, actor: fields.name(actor, 'actor') };
}
