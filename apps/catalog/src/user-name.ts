import { userInfo } from 'node:os';

/** Who runs this. Containers are run by users that have a number and no name. */
export function userName(ask: () => { readonly username: string } = userInfo): string {
  try {
    return ask().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
