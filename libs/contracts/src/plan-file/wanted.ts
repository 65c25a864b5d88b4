import type { CatalogCommand } from '#domain';

/** A command without what identifies it. */
export type Wanted = CatalogCommand extends infer Command
  ? Command extends CatalogCommand
    ? Omit<Command, 'key' | 'fingerprint' | 'actor'>
    : never
  : never;
