import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands errors to the consumer as they are: it delivers the batch again, and its log and readiness say why. Nest
 * itself would put "Internal server error" in their place.
 */
@Catch()
export class ErrorsToConsumer implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
