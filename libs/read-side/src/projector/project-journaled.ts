import { JournalCorrupt, type JournaledEvent } from '#journal';
import { projectAccount, type AccountChange, type AccountRow } from '#projections';

/**
 * Folds stored events of an account into its row.
 * @throws JournalCorrupt where they do not add up
 */
export function projectJournaled(
  customerId: string,
  row: AccountRow | undefined,
  events: readonly JournaledEvent[],
): AccountChange {
  try {
    return projectAccount(customerId, row, events);
  } catch (error) {
    throw new JournalCorrupt(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
