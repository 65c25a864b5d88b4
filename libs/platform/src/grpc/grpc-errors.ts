import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { Catch, Inject, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';
import type { Logger } from '../logging.js';
import { LOGGER } from '../tokens.js';
import { failureOf, INTERNAL_FAILURE, type GrpcFailure } from './grpc-failure.js';

/** Bounds of what goes into HTTP/2 trailers, which most peers limit to 8 KiB in all. */
const MAX_MESSAGE = 600;

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
export function serviceErrorOf(failure: GrpcFailure): ServiceError {
  const details = shortened(failure.message, MAX_MESSAGE);
  return Object.assign(new Error(details), {
    code: failure.code,
    details,
    metadata: new Metadata(),
  });
}

/** Through UTF-8 and back: a surrogate cut from its other half would make grpc-js throw. */
function shortened(text: string, max: number): string {
  const short = text.length <= max ? text : `${text.slice(0, max - 1)}…`;
  return Buffer.from(short).toString();
}
