import { runCatalog } from './cli.js';

process.exitCode = await runCatalog(process.argv.slice(2), {
  environment: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
