/** What the tool can be asked to do. */
export const COMMANDS = [
  'replay',
  'verify',
  'rebuild',
  'balance',
  'explain',
  'checkpoint',
  'dead-letters',
] as const;
export type Command = (typeof COMMANDS)[number];
