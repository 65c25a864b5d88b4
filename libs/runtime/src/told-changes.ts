import type { Logger } from '#platform';

/** Logs what a thread tells of its state, but not again what it told last: one that stands by tells so for ever. */
export function toldChanges(logger: Logger, name: string, fields: object = {}) {
  let last: string | undefined;
  return (state: string, reason?: string): void => {
    const told = `${state} ${reason ?? ''}`;
    if (told === last) return;
    last = told;
    logger[state === 'unready' ? 'warn' : 'info']({ ...fields, reason }, `${name} ${state}`);
  };
}
