import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../port.js';

const utf8 = new TextEncoder();

/** An event for tests: a fresh id, a JSON payload naming `label`, no metadata unless given. */
export function anEvent(label: string, overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    id: randomUUID(),
    type: 'Tested',
    data: utf8.encode(JSON.stringify({ label })),
    metadata: new Uint8Array(),
    ...overrides,
  };
}

/** `count` events labelled `label-0`, `label-1`, … */
export function someEvents(label: string, count: number): NewEvent[] {
  return Array.from({ length: count }, (_, i) => anEvent(`${label}-${i}`));
}
