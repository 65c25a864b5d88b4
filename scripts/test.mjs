/**
 * `npm test`: every stage in order, or the ones that are named (`npm test -- unit contract`). What stands behind
 * `--` goes to Jest: `npm test -- unit -- burn-order`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './lib/ready.mjs';

/** One Jest project after the other: what needs no server first, so that a broken rule shows in seconds. */
const STAGES = ['unit', 'golden', 'contract', 'simulation', 'e2e', 'faults'];

const args = process.argv.slice(2);
const split = args.indexOf('--');
const named = split === -1 ? args : args.slice(0, split);
const forJest = split === -1 ? [] : args.slice(split + 1);
const unknown = named.filter((name) => !STAGES.includes(name));
if (unknown.length > 0) {
  console.error(`no such stage: ${unknown.join(', ')}. There are: ${STAGES.join(', ')}`);
  process.exit(2);
}

ensureInstalled();
const stages = named.length > 0 ? named : STAGES;
// Worker threads and child processes run the built code.
ensureBuilt();

const folder = mkdtempSync(join(tmpdir(), 'purser-test-'));
let passed = 0;
let failed = 0;
let broken = false;
for (const stage of stages) {
  console.error(`\n── ${stage} ──`);
  const report = join(folder, `${stage}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      stage,
      '--passWithNoTests',
      // Long enough for a machine that is busy with something else: a test that hangs still ends.
      '--testTimeout=60000',
      '--json',
      `--outputFile=${report}`,
      ...(['contract', 'e2e', 'faults', 'simulation'].includes(stage) ? ['--runInBand'] : []),
      ...forJest,
    ],
    {
      cwd: root,
      // Jest's own JSON goes to the file; its readable report is on standard error.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`.trim(),
      },
    },
  );
  if (status !== 0) broken = true;
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    passed += result.numPassedTests;
    failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  } catch {
    broken = true;
  }
  if (broken) break;
}
rmSync(folder, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(broken ? 1 : 0);
