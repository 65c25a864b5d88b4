/**
 * Refuses an empty list: read as "no filter" by one store and as "nothing" by another, it is a mistake in either.
 * The empty prefix stands for every stream that is not the store's own.
 */
export function checkPrefixes(prefixes: readonly string[]): void {
  if (prefixes.length === 0) throw new TypeError('streamPrefixes names no prefix; use [""] for every stream');
}

/** Whether a stream is one of those asked for. */
export function hasPrefix(stream: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => stream.startsWith(prefix));
}
