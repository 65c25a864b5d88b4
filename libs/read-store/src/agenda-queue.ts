import type { AgendaItem } from '#projections';
import { toStorableText } from './storable-text.js';

/**
 * The queue an agenda item waits in: one for what the clock makes due, one per credit system for what its usage
 * horizon makes due. So what is due is the front of a few queues.
 */
export function agendaQueue(item: AgendaItem): string {
  return item.kind === 'settle' ? SETTLE_QUEUE : expiryQueue(item.creditSystem ?? '');
}

export const SETTLE_QUEUE = 'settle';

export function expiryQueue(creditSystem: string): string {
  return `expiry ${toStorableText(creditSystem)}`;
}

export function agendaKind(queue: string): AgendaItem['kind'] {
  return queue === SETTLE_QUEUE ? 'settle' : 'expiry';
}

/** In order of time, then kind, then credit system: the same for every adapter. */
export function compareAgendaItems(a: AgendaItem, b: AgendaItem): number {
  return (
    compareText(a.at, b.at) ||
    compareText(a.kind, b.kind) ||
    compareText(a.creditSystem ?? '', b.creditSystem ?? '')
  );
}

/** The same text for the same agenda: an agenda that did not change is not written again. */
export function agendaText(agenda: readonly AgendaItem[]): string {
  return agenda
    .toSorted(compareAgendaItems)
    .map((item) => `${item.kind} ${item.at} ${JSON.stringify(item.creditSystem)}`)
    .join('\n');
}

/** Whether the texts are the same, for two agendas in one order; false costs no more than to look at the texts. */
export function sameAgenda(a: readonly AgendaItem[], b: readonly AgendaItem[]): boolean {
  if (a.length !== b.length) return false;
  for (let n = 0; n < a.length; n++) {
    const [one, other] = [a[n], b[n]];
    if (one?.at !== other?.at || one?.kind !== other?.kind || one?.creditSystem !== other?.creditSystem)
      return false;
  }
  return true;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
