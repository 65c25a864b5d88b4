/**
 * What every command needs before it runs: dependencies as the lock file says, and a build as new as the sources.
 * Uses nothing but Node, because on a fresh clone there is nothing else.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from './node-flags.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const say = (text) => process.stderr.write(`purser: ${text}\n`);

/** Installs when node_modules is missing or holds something else than the lock file says. */
export function ensureInstalled() {
  if (isInstalled()) return;
  say('installing dependencies (the SQLite driver may be compiled: about two minutes the first time)');
  run('npm', ['ci', '--no-audit', '--no-fund']);
}

function isInstalled() {
  // npm's own record of what it put into node_modules.
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const { packages: found } = JSON.parse(readFileSync(record, 'utf8'));
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    // Binaries for other platforms are not there, and need not be.
    if (path === '' || (!found[path] && (optional || devOptional))) return true;
    return found[path]?.version === version;
  });
}

/** Builds when a source is newer than the last build. */
export function ensureBuilt() {
  const mark = join(root, 'dist', '.built');
  const stamp = sourcesStamp();
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return;
  say('building');
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) {
    process.stderr.write(build.stdout + build.stderr);
    process.exit(build.status ?? 1);
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(mark, stamp);
}

/** Runs a built program with this terminal and hands signals on; ends as it ends. */
export function runBuilt(entry, args, environment = {}) {
  const program = join(root, 'dist', entry);
  if (!existsSync(program)) {
    say(`${entry} is not in the build`);
    process.exit(1);
  }
  const child = spawn(process.execPath, [...NODE_FLAGS, program, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    // The terminal sends Ctrl-C to the child as well, and whoever signals a process group signals both: it comes twice.
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    process.exit(code ?? (signal ? 1 : 0));
  });
}

/** Runs a command to its end; ends this process when it fails. */
export function run(command, args, environment = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) process.exit(status ?? 1);
}

function sourcesStamp() {
  const hash = createHash('sha256');
  for (const folder of ['apps', 'libs', 'test']) addFolder(hash, join(root, folder));
  for (const file of ['package.json', 'nest-cli.json', '.swcrc', 'tsconfig.json'])
    addFile(hash, join(root, file));
  return hash.digest('hex');
}

function addFolder(hash, folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(hash, path);
    else if (/\.(ts|json)$/.test(entry.name)) addFile(hash, path);
  }
}

function addFile(hash, path) {
  const { mtimeMs, size } = statSync(path);
  hash.update(`${path}\0${mtimeMs}\0${size}\n`);
}
