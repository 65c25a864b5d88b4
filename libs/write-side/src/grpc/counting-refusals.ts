import { Refused, type Metrics } from '#platform';

/** Executes a command; where it is refused, by the request's fields or by the rules, that is counted by its reason. */
export async function countingRefusals<T>({ refusals }: Metrics, execute: () => Promise<T>): Promise<T> {
  try {
    return await execute();
  } catch (error) {
    if (error instanceof Refused) refusals.inc({ reason: error.rejection.reason });
    throw error;
  }
}
