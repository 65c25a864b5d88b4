import { runHelper } from './child.js';
import type { Resources } from './resources.js';

/** Starts an EventStoreDB in memory, speaking the real wire protocol, in a process of its own. @returns its URL */
export async function loopbackUrl(resources: Resources): Promise<string> {
  const { answer } = await runHelper(resources, 'loopback', {});
  return (answer as { url: string }).url;
}
