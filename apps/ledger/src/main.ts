/** The write process: usage from Kafka, commands over gRPC, and the scheduler. */
import { runProcess } from '#runtime';

await runProcess('ledger', { write: true, read: false });
