import { runCatalog } from './cli.js';
import { textTo } from './text-to.js';

process.exitCode = await runCatalog(process.argv.slice(2), {
  environment: process.env,
  out: textTo(process.stdout),
  err: textTo(process.stderr),
});
