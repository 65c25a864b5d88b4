/** Why an address cannot be listened at, by the system's code; for any other code the system's own words. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address in use: is another purser running?',
  EADDRNOTAVAIL: 'not an address of this machine',
  ENOTFOUND: 'no such host',
};

export interface ListeningError {
  readonly code: string | undefined;
  readonly message: string;
}

export function addressProblem(variable: string, address: string, { code, message }: ListeningError): string {
  return `${variable}="${address}": ${REASONS[code ?? ''] ?? message}`;
}
