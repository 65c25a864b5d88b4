import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from '../stage/stage.js';

const run = promisify(execFile);
const PROGRAM = join(process.cwd(), 'dist', 'apps', 'audit', 'src', 'main.js');

/** `npm run audit -- verify` and `rebuild`, as an auditor runs them: both must end with status 0. */
export async function runAuditTool({ eventStoreUrl, readStoreUrl }: Stage): Promise<string[]> {
  const env = {
    PATH: process.env['PATH'],
    EVENT_STORE_URL: eventStoreUrl,
    READ_STORE_URL: readStoreUrl,
  };
  const faults: string[] = [];
  for (const command of ['verify', 'rebuild']) {
    try {
      await run(process.execPath, [PROGRAM, command], { env, timeout: 120_000, maxBuffer: 64 * 1_048_576 });
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
      faults.push(`audit ${command} ended with ${String(code)}: ${stdout ?? ''}${stderr ?? ''}`.trim());
    }
  }
  return faults;
}
