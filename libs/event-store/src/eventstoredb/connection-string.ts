import { EventStoreUnusable } from '../errors.js';

const FORM =
  /^esdb(\+discover)?:\/\/((?<user>[^:@/?#\s]+):(?<password>[^:@/?#\s]+)@)?(?<hosts>[^@/?#\s]+)\/*(\?(?<options>[^@]*))?$/;

const MAX_PORT = 65_535;

type Check = (value: string) => string | undefined;

const flag: Check = (value) => (/^(true|false)$/.test(value) ? undefined : 'must be true or false');
const whole: Check = (value) => (/^-?\d{1,9}$/.test(value) ? undefined : 'must be a whole number');
const text: Check = (value) => (isEscaped(value) ? undefined : 'has a % that escapes nothing');
const node: Check = (value) =>
  /^(leader|follower|random|read[_-]?only[_-]?replica)$/i.test(value)
    ? undefined
    : 'must be leader, follower, read_only_replica or random';

/** The client would print a warning, and the connection string with it, for each connection. */
const verified: Check = (value) =>
  value === 'true'
    ? undefined
    : 'has no effect with this client, leave it out: tlsCAFile names a CA to trust';

/** Those that the client knows, in its own spelling. It takes any case, and words joined by - or _. */
const OPTIONS: Readonly<Record<string, Check>> = {
  tls: flag,
  tlsVerifyCert: verified,
  tlsCAFile: text,
  userCertFile: text,
  userKeyFile: text,
  throwOnAppendFailure: flag,
  nodePreference: node,
  maxDiscoverAttempts: whole,
  discoveryInterval: whole,
  gossipTimeout: whole,
  keepAliveInterval: whole,
  keepAliveTimeout: whole,
  defaultDeadline: whole,
  connectionName: text,
};

const CHECKS = new Map(Object.entries(OPTIONS).map(([name, check]) => [flat(name), check]));

/**
 * Finds what the client would ignore with a warning, or refuse with an error, that gives the password away.
 * @throws EventStoreUnusable naming what is wrong, and no password
 */
export function checkConnectionString(url: string): void {
  const { user, password, hosts, options } = FORM.exec(url)?.groups ?? {};
  if (hosts === undefined) {
    refuse(
      'must look like esdb://user:password@host:2113?tls=true; in a name or password, : @ / ? # and spaces are escaped (%40 for @)',
    );
  }
  if (!isEscaped(user ?? '') || !isEscaped(password ?? ''))
    refuse('the name or password has a % that escapes nothing: a % itself is written %25');
  for (const host of hosts.split(',')) checkHost(host);
  for (const option of options?.split('&') ?? []) checkOption(option);
}

function checkHost(host: string): void {
  const [, port = '2113'] =
    /^[^:[\]]+(?::(\d{1,5}))?$/.exec(host) ?? refuse(`host "${host}" must look like host:port`);
  if (Number(port) < 1 || Number(port) > MAX_PORT)
    refuse(`host "${host}" must have a port from 1 to ${MAX_PORT}`);
}

function checkOption(option: string): void {
  const [, name = '', value = ''] =
    /^([^=]+)=(.+)$/.exec(option) ?? refuse(`option "${option}" must look like name=value`);
  const check =
    CHECKS.get(flat(name)) ??
    refuse(`there is no option ${name}: it is one of ${Object.keys(OPTIONS).join(', ')}`);
  const problem = value.includes('?') ? 'must not have a ?' : check(value);
  if (problem !== undefined) refuse(`option ${name}="${value}" ${problem}`);
}

function flat(name: string): string {
  return name.trim().toLowerCase().replace(/[_-]/g, '');
}

function isEscaped(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function refuse(problem: string): never {
  throw new EventStoreUnusable(`the connection string of EventStoreDB: ${problem}`);
}
