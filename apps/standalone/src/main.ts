/** Both sides in one process on the embedded stores: what `npm start` runs. */
import { runProcess } from '#runtime';
import { welcome } from './welcome.js';

const running = await runProcess('purser', { write: true, read: true });
if (running && process.stdout.isTTY) {
  await running.ready;
  process.stdout.write(welcome(running.settings));
}
