import { planFileCommands, type PlanFile } from '#contracts';
import {
  decideCatalog,
  evolveCatalog,
  isRejection,
  type Catalog,
  type CatalogCommand,
  type CatalogEvent,
  type Fault,
  type Instant,
  type Rejection,
} from '#domain';

/** What applying a plan file would do, found out by deciding it here with the service's own rules. */
export interface Rehearsal {
  readonly before: Catalog;
  readonly after: Catalog;
  readonly steps: readonly Step[];
  /** By path in the file. When there are any, nothing must be applied. */
  readonly faults: readonly Fault[];
}

export interface Step {
  readonly command: CatalogCommand;
  readonly event: CatalogEvent;
  /** Where in the file it comes from: `plans[0]`. */
  readonly entry: string;
  /** The catalog behind it. */
  readonly after: Catalog;
}

/** @param run identifies this application of the file; see `planFileCommands` */
export function rehearse(file: PlanFile, before: Catalog, run: string, now: Instant): Rehearsal {
  let after = before;
  const steps: Step[] = [];
  const faults: Fault[] = [];
  const refused = new Set<string>();
  for (const command of planFileCommands(file, before, run)) {
    const entry = entryOf(command, file);
    // What follows on a refusal would only be refused because of it.
    if (refused.has(entry)) continue;
    const decision = decideCatalog(after, command, { now });
    if (isRejection(decision)) {
      refused.add(entry);
      faults.push(...faultsIn(decision, entry));
    } else if (decision.kind === 'decided') {
      for (const event of decision.events) {
        after = evolveCatalog(after, event);
        steps.push({ command, event, entry, after });
      }
    }
  }
  return { before, after, steps, faults };
}

/** Where in the file the command comes from. */
function entryOf(command: CatalogCommand, file: PlanFile): string {
  if ('planId' in command) {
    return `plans[${file.plans.findIndex(({ id }) => id === command.planId)}]`;
  }
  return `creditSystems[${file.creditSystems.findIndex(({ key }) => key === command.creditSystem)}]`;
}

function faultsIn({ faults, message }: Rejection, entry: string): readonly Fault[] {
  if (!faults) return [{ path: entry, message }];
  return faults.map((fault) => ({
    path: `${entry}.${fault.path === 'planId' ? 'id' : fault.path}`,
    message: fault.message,
  }));
}
