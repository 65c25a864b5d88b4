/** Undefined: the URL names a server. */
export function sqlitePath(url: string): string | undefined {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length).trim() : undefined;
}
