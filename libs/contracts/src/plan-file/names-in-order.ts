import { findCreditSystem, listCreditSystems, sameName, type Catalog } from '#domain';
import type { Wanted } from './wanted.js';

/** What one entry of a plan file asks of its credit system. */
export interface EntryCommands {
  readonly creditSystem: string;
  readonly name: string;
  readonly commands: readonly Wanted[];
}

/**
 * The commands of all entries, in the order of the file, except that a name that moves on is given up before another
 * entry takes it. Where names go round in a circle, one of the credit systems has a name of its key meanwhile.
 */
export function namesInOrder(entries: readonly EntryCommands[], catalog: Catalog): readonly Wanted[] {
  const moving = new Map(entries.filter(isRenamed).map((entry) => [entry.creditSystem, entry]));
  const ordered: Wanted[] = [];
  const begun = new Set<EntryCommands>();
  const done = new Set<EntryCommands>();
  const visit = (entry: EntryCommands): void => {
    if (done.has(entry)) return;
    begun.add(entry);
    const holder = moving.get(holderOf(entry, catalog) ?? '');
    if (holder && begun.has(holder) && !done.has(holder)) ordered.push(stepAside(holder));
    else if (holder) visit(holder);
    ordered.push(...entry.commands);
    done.add(entry);
  };
  entries.forEach(visit);
  return ordered;
}

function isRenamed({ commands }: EntryCommands): boolean {
  return commands.some(({ type }) => type === 'RenameCreditSystem');
}

/** Key of the other credit system that has the name which the entry asks for. */
function holderOf({ creditSystem, name }: EntryCommands, catalog: Catalog): string | undefined {
  if (findCreditSystem(catalog, creditSystem)?.name === name) return undefined;
  return listCreditSystems(catalog).find((other) => other.key !== creditSystem && sameName(other.name, name))
    ?.key;
}

function stepAside({ creditSystem }: EntryCommands): Wanted {
  return { type: 'RenameCreditSystem', creditSystem, name: `${creditSystem} (being renamed)` };
}
