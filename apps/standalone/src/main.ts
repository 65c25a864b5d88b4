/** Both sides in one process on the embedded stores: what `npm start` runs. */
import { runProcess } from '#runtime';
import { welcome } from './welcome.js';

const { settings } = await runProcess('purser', { write: true, read: true });
if (process.stdout.isTTY) process.stdout.write(welcome(settings));
