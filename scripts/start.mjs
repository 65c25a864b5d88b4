/** `npm start`: the whole ledger in one process on embedded stores; needs no server. */
import { ensureBuilt, ensureInstalled, runBuilt } from './lib/ready.mjs';

ensureInstalled();
ensureBuilt();
runBuilt('apps/standalone/src/main.js', process.argv.slice(2));
