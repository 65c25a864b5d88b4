import type { AccountCommand } from './commands.js';
import type { Cause } from './events.js';

/**
 * The text under which a command is remembered for ever within its account: usage by (`source`, `id`), every
 * other command by its key. Injective: two identities are equal only if their parts are. Null for settlement,
 * which nobody sent.
 */
export function identityOf(of: Cause | AccountCommand): string | null {
  if ('kind' in of) {
    switch (of.kind) {
      case 'usage':
        return usageIdentity(of.source, of.id);
      case 'command':
        return commandIdentity(of.key);
      case 'settlement':
        return null;
    }
  }
  if (of.type === 'RecordUsage') return usageIdentity(of.source, of.id);
  return of.type === 'Settle' ? null : commandIdentity(of.key);
}

export function usageIdentity(source: string, id: string): string {
  // Joined, and so one text: put together of pieces it would stay so many objects for as long as it is remembered.
  return ['usage', segment(source), segment(id)].join('/');
}

function commandIdentity(key: string): string {
  return `command/${segment(key)}`;
}

/** One part of a `/`-separated name, so that no text inside it can be taken for a separator. */
export function segment(text: string): string {
  return /[%/]/.test(text) ? text.replaceAll('%', '%25').replaceAll('/', '%2F') : text;
}

/** Who caused the events of a command. */
export function causeOf(command: Exclude<AccountCommand, { type: 'Settle' }>): Cause {
  const { fingerprint } = command;
  if (command.type === 'RecordUsage')
    return { kind: 'usage', source: command.source, id: command.id, fingerprint };
  return command.actor === undefined
    ? { kind: 'command', key: command.key, fingerprint }
    : { kind: 'command', key: command.key, fingerprint, actor: command.actor };
}
