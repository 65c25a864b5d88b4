import protobuf from 'protobufjs';

/** Trailer that carries a serialised `google.rpc.Status` beside the plain status of a call. */
export const STATUS_DETAILS_TRAILER = 'grpc-status-details-bin';

/** Names this service in `google.rpc.ErrorInfo.domain`. */
export const ERROR_DOMAIN = 'purser.v1';

/** What a failed call says beyond its code and message. */
export interface StatusDetails {
  /** google.rpc.Code */
  readonly code: number;
  readonly message: string;
  /** `google.rpc.ErrorInfo.reason`: why, for a program. */
  readonly reason: string;
  /** `google.rpc.ErrorInfo.metadata`: the numbers involved, as decimal strings. */
  readonly metadata: Readonly<Record<string, string>>;
  /** `google.rpc.BadRequest.field_violations`; left out of the trailer when there are none. */
  readonly fieldViolations: readonly { readonly field: string; readonly description: string }[];
}

/*
 * The part of google/rpc/status.proto and google/rpc/error_details.proto that is used here, by field number:
 * these numbers are the wire format, fixed by Google's API design guide.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Any: { fields: { type_url: { id: 1, type: 'string' }, value: { id: 2, type: 'bytes' } } },
    Status: {
      fields: {
        code: { id: 1, type: 'int32' },
        message: { id: 2, type: 'string' },
        details: { id: 3, type: 'Any', rule: 'repeated' },
      },
    },
    ErrorInfo: {
      fields: {
        reason: { id: 1, type: 'string' },
        domain: { id: 2, type: 'string' },
        metadata: { id: 3, keyType: 'string', type: 'string' } as protobuf.IMapField,
      },
    },
    FieldViolation: { fields: { field: { id: 1, type: 'string' }, description: { id: 2, type: 'string' } } },
    BadRequest: { fields: { field_violations: { id: 1, type: 'FieldViolation', rule: 'repeated' } } },
  },
});
const Status = root.lookupType('Status');
const ErrorInfo = root.lookupType('ErrorInfo');
const BadRequest = root.lookupType('BadRequest');

const TYPE_PREFIX = 'type.googleapis.com/google.rpc.';

/** Bytes for the trailer `grpc-status-details-bin`. */
export function encodeStatusDetails(details: StatusDetails): Buffer {
  const { code, message, reason, metadata, fieldViolations } = details;
  const packed = [any('ErrorInfo', ErrorInfo.encode({ reason, domain: ERROR_DOMAIN, metadata }).finish())];
  if (fieldViolations.length > 0) {
    packed.push(any('BadRequest', BadRequest.encode({ field_violations: fieldViolations }).finish()));
  }
  return Buffer.from(Status.encode({ code, message, details: packed }).finish());
}

/**
 * Reads what `encodeStatusDetails` wrote; details of other types are passed over.
 * @throws Error for bytes that are no google.rpc.Status
 */
export function decodeStatusDetails(bytes: Uint8Array): StatusDetails {
  const status = Status.toObject(Status.decode(bytes), { defaults: true, arrays: true }) as {
    code: number;
    message: string;
    details: { type_url: string; value: Uint8Array }[];
  };
  const find = (name: string) =>
    status.details.find(({ type_url }) => type_url === TYPE_PREFIX + name)?.value ?? new Uint8Array();
  const whole = { defaults: true, arrays: true, objects: true };
  const info = ErrorInfo.toObject(ErrorInfo.decode(find('ErrorInfo')), whole) as {
    reason: string;
    metadata: Record<string, string>;
  };
  const request = BadRequest.toObject(BadRequest.decode(find('BadRequest')), whole) as {
    field_violations: { field: string; description: string }[];
  };
  return {
    code: status.code,
    message: status.message,
    reason: info.reason,
    metadata: info.metadata,
    fieldViolations: request.field_violations,
  };
}

function any(name: string, value: Uint8Array) {
  return { type_url: TYPE_PREFIX + name, value };
}
