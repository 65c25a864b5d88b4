/** Runs one of the built programs: `node scripts/run.mjs apps/audit/src/main.js verify …`. */
import { ensureBuilt, ensureInstalled, runBuilt } from './lib/ready.mjs';

const [entry, ...args] = process.argv.slice(2);
ensureInstalled();
ensureBuilt();
runBuilt(entry, args);
