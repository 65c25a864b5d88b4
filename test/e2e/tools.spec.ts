import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../support/process.js';

type Tool = 'demo' | 'faults' | 'bench';

/** What a built tool does with these arguments, in an environment that says nothing. */
function run(tool: Tool, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return runBuilt(`test/${tool}/main.js`, args, environment);
}

function runBuilt(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  return spawnSync(process.execPath, [join(process.cwd(), 'dist', program), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
    // One that starts instead does not end by itself.
    timeout: 30_000,
  });
}

describe('a tool', () => {
  it.each<[Tool, string[], string]>([
    ['demo', ['foo'], "'foo'"],
    ['demo', ['--customers', 'abc'], '--customers abc: expected a whole number from 1'],
    ['demo', ['--customers', '0'], '--customers 0: expected a whole number from 1'],
    ['faults', ['--rounds', 'x'], '--rounds x: expected a whole number from 1'],
    ['faults', ['--only', 'nope'], '--only nope: there is no such scenario'],
    ['bench', ['--only', 'nope'], '--only nope: there is no such bench'],
    ['bench', ['--what'], "'--what'"],
  ])('%s %j ends with 2, names the argument, and says how it is used', (tool, args, message) => {
    const { status, stderr } = run(tool, args);
    const [line, blank, usage] = stderr.split('\n');
    expect(line).toContain(message);
    expect([blank, usage]).toEqual(['', expect.stringContaining(`usage: npm run ${tool}`)]);
    expect(status).toBe(2);
  });

  it('demo refuses the settings that a process refuses', () => {
    const { status, stderr } = run('demo', [], { KAFKA_BROKERS: 'a:9092, b:0' });
    expect(stderr).toContain('KAFKA_BROKERS="a:9092, b:0": "b:0" must have a port of at least 1');
    expect(status).toBe(2);
  });

  it.each<Tool>(['demo', 'faults', 'bench'])('%s says how it is used when asked', (tool) => {
    expect(run(tool, ['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`usage: npm run ${tool}`),
    });
  });
});

describe('a process', () => {
  const start = (...args: readonly string[]) => runBuilt('apps/standalone/src/main.js', args);

  it('tells whoever asks for help where the settings are', () => {
    expect(start('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/docs\/operations\.md/),
    });
  });

  it('takes no arguments, and says what it takes instead', () => {
    expect(start('--port', '9000')).toMatchObject({
      status: 2,
      stderr:
        'purser: no arguments are taken, got --port 9000: settings are environment variables; docs/operations.md lists them\n',
    });
  });
});

it('the demo counts the deliveries that it made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'purser-demo-'));
  const app = await startApp('standalone', { DATA_DIR: folder });
  try {
    const args = ['--customers', '5', '--usages', '1000'];
    const { status, stdout } = run('demo', args, { GRPC_ADDRESS: app.grpcAddress });
    const [, made, table = ''] = /^(\d+) deliveries in .*:\n((?: +\d+ {2}.*\n)+)/m.exec(stdout) ?? [];
    const counts = [...table.matchAll(/^ +(\d+) /gm)].map(([, count]) => Number(count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Number(made));
    expect(status).toBe(0);
  } finally {
    await app.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
