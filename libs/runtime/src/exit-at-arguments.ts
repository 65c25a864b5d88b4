const SETTINGS = 'settings are environment variables; docs/operations.md lists them';

/** A process takes no arguments: whoever gives one means a setting, and is told where those are. */
export function exitAtArguments(args: readonly string[]): void {
  if (args.length === 0) return;
  if (args.every((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(`purser: ${SETTINGS}\n`);
    process.exit(0);
  }
  process.stderr.write(`purser: no arguments are taken, got ${args.join(' ')}: ${SETTINGS}\n`);
  process.exit(2);
}
