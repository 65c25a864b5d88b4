import type { Hold } from '#domain';
import { readDraw, storedDraw } from './grant-snapshot.js';
import type { Stored } from './stored-shape.js';

/** A hold as JSON holds it, its keys in one order. */
export function storedHold({ id, feature, placedAt, timesOutAt, draws }: Hold): Stored<Hold> {
  return { id, feature, placedAt, timesOutAt, draws: draws.map(storedDraw) };
}

export function readHold(stored: Stored<Hold>): Hold {
  return { ...stored, draws: stored.draws.map(readDraw) };
}
