/** The in-memory EventStoreDB of the tests, in a process of its own; stays until it is ended. */
import { startLoopback } from '#event-store/testing/loopback';
import { answerTask } from './helper.js';

answerTask(async () => ({ url: (await startLoopback()).url }));
