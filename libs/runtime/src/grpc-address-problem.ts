import { addressProblem } from './address-problem.js';

/**
 * An address that was free when the process started may be taken once its stores are there: what is to be said then.
 * Undefined for what is not gRPC's failure to listen, which has the system's code in its text alone.
 */
export function grpcAddressProblem(address: string, error: unknown): string | undefined {
  if (!(error instanceof Error) || !error.message.startsWith('No address added')) return undefined;
  const code = /\bE[A-Z]+\b/.exec(error.message)?.[0];
  return addressProblem('GRPC_ADDRESS', address, { code, message: error.message });
}
