import { runAudit } from './cli.js';
import { writerOf } from './output/writer.js';

// Remarks that nobody reads are no reason to end.
process.stderr.on('error', () => undefined);

process.exitCode = await runAudit(process.argv.slice(2), {
  environment: process.env,
  out: writerOf(process.stdout),
  err: (text) => process.stderr.write(text),
  showProgress: process.stderr.isTTY,
});
