import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { Catch, Inject, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';
import { encodeStatusDetails, STATUS_DETAILS_TRAILER } from '#contracts';
import type { Fault } from '#domain';
import type { Logger } from '../logging.js';
import { LOGGER } from '../tokens.js';
import { failureOf, INTERNAL_FAILURE, type GrpcFailure } from './grpc-failure.js';

/*
 * Trailers are HTTP/2 headers, and several clients refuse more than 8 KiB of them. So what they say is bounded
 * (in bytes of UTF-8); a message is percent-encoded on the wire, and the details are in base64.
 */
const MAX_MESSAGE_BYTES = 600;
const MAX_FAULT_BYTES = 400;
const MAX_FAULTS_BYTES = 3_000;

/**
 * Every controller's exception filter: rejections and stores that are away become the statuses of the public
 * contract; everything else is a bug, logged in full and told to the client as INTERNAL without its message.
 */
@Catch()
export class GrpcErrors implements RpcExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown): Observable<never> {
    const failure = failureOf(error);
    if (!failure) this.logger.error({ err: error }, 'a call failed with an error of our own');
    return throwError(() => serviceErrorOf(failure ?? INTERNAL_FAILURE));
  }
}

/** The error as grpc-js wants it, with `google.rpc.Status` in the trailers. */
export function serviceErrorOf({ code, message, reason, numbers, faults }: GrpcFailure): ServiceError {
  const details = shortened(message, MAX_MESSAGE_BYTES);
  const metadata = new Metadata();
  metadata.set(
    STATUS_DETAILS_TRAILER,
    encodeStatusDetails({
      code,
      message: details,
      reason,
      metadata: numbers,
      fieldViolations: fitting(faults),
    }),
  );
  return Object.assign(new Error(details), { code, details, metadata });
}

/** As many faults as there is room for; the last one says how many are missing. */
function fitting(faults: readonly Fault[]): { field: string; description: string }[] {
  const violations: { field: string; description: string }[] = [];
  let bytes = 0;
  for (const { path, message } of faults) {
    const violation = {
      field: shortened(path, MAX_FAULT_BYTES),
      description: shortened(message, MAX_FAULT_BYTES),
    };
    bytes += Buffer.byteLength(violation.field) + Buffer.byteLength(violation.description) + 8;
    if (bytes > MAX_FAULTS_BYTES) {
      violations.push({ field: '.', description: `and ${faults.length - violations.length} faults more` });
      break;
    }
    violations.push(violation);
  }
  return violations;
}

/** Through UTF-8 and back: half of a surrogate pair would make grpc-js throw. */
function shortened(text: string, maxBytes: number): string {
  const utf8 = Buffer.from(text);
  if (utf8.length <= maxBytes) return utf8.toString();
  return `${utf8
    .subarray(0, maxBytes - 3)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}
