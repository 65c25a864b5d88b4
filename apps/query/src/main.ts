/** The read process: projects the event store into the read store and answers queries over gRPC. */
import { runProcess } from '#runtime';

await runProcess('query', { write: false, read: true });
