/**
 * Characters of one column that a statement takes along. A batch is bounded in events, not in what the accounts weigh
 * that they touch: as one text their states may be longer than any text can be, and making it may take longer than the
 * server lets a transaction stand idle.
 */
const SLICE = 16 * 1024 * 1024;

/** Neighbours together, a slice's worth and at most one item more; an item is asked for when its slice is. */
export function* slices<T>(items: Iterable<T>, lengthOf: (item: T) => number): Generator<readonly T[]> {
  let slice: T[] = [];
  let length = 0;
  for (const item of items) {
    slice.push(item);
    length += lengthOf(item);
    if (length < SLICE) continue;
    yield slice;
    slice = [];
    length = 0;
  }
  if (slice.length > 0) yield slice;
}
