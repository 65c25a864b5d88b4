import { EventStoreUnusable } from '../errors.js';

const FORM =
  /^esdb(\+discover)?:\/\/((?<user>[^:@/?#\s]+):(?<password>[^:@/?#\s]+)@)?(?<hosts>[^@/?#]+)\/*(\?(?<options>[^]*))?$/;

const MUST_LOOK_LIKE =
  'must look like esdb://user:password@host:2113?tls=true; in a name or password, : @ / ? # and spaces are escaped (%40 for @), and in an option an @ is';

const MAX_PORT = 65_535;
/** Of a timer in Node: one that is set to more goes off at once. */
const MAX_WHOLE = 2_147_483_647;

type Check = (value: string) => string | undefined;

const flag: Check = (value) => (/^(true|false)$/.test(value) ? undefined : 'must be true or false');
const whole: Check = (value) => {
  if (!/^-?\d+$/.test(value)) return 'must be a whole number';
  return Number(value) > MAX_WHOLE ? `must be at most ${MAX_WHOLE}` : undefined;
};
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
 * @returns the connection string without what the client ignores around it
 * @throws EventStoreUnusable naming what is wrong, and no password
 */
export function checkedConnectionString(url: string): string {
  const trimmed = url.trim().replace(/\/+$/, '');
  const { user, password, hosts, options } = FORM.exec(trimmed)?.groups ?? {};
  if (hosts === undefined) refuse(MUST_LOOK_LIKE);
  if (options?.includes('@') === true) {
    // Without a name before the host, what stands before the @ may be a name and a password.
    refuse(user === undefined ? MUST_LOOK_LIKE : 'an @ in an option is written %40');
  }
  if (!isEscaped(user ?? '') || !isEscaped(password ?? ''))
    refuse('the name or password has a % that escapes nothing: a % itself is written %25');
  for (const host of hosts.split(',')) checkHost(host.trim());
  for (const option of options?.split('&') ?? []) checkOption(option);
  return trimmed;
}

function checkHost(host: string): void {
  // It may be a password that lacks its @.
  if (/\s/.test(host)) refuse(MUST_LOOK_LIKE);
  const [, port = '2113'] =
    /^[^:[\]]+(?::(\d{1,5}))?$/.exec(host) ?? refuse(`host "${host}" must look like host:port`);
  if (Number(port) < 1 || Number(port) > MAX_PORT)
    refuse(`host "${host}" must have a port from 1 to ${MAX_PORT}`);
}

function checkOption(option: string): void {
  const [, name = '', given = ''] =
    /^([^=]+)=(.+)$/s.exec(option) ?? refuse(`option "${option}" must look like name=value`);
  const value = given.trim();
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
