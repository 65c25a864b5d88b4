/** Writes the appends of one handle: what arrives together shares a transaction. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppendOutcomeUnknown, EventStoreUnavailable, WrongExpectedRevision } from '../errors.js';
import type { PackedAppend } from './appending.js';
import {
  NUMBERS_PER_APPEND,
  type AppendingTask,
  type AppendsAnswer,
  type AppendsMessage,
  type Failure,
} from './appends-in-thread.js';
import { openDatabase } from './database.js';
import { groupCommit } from './group-commit.js';

const { path, maxBytes, lockTimeoutMs } = workerData as AppendingTask;
const db = openDatabase({ path, readonly: false, maxBytes });
const commits = groupCommit(db, { name: path, lockTimeoutMs });

parentPort?.on('message', (message: AppendsMessage | 'close') => {
  if (message === 'close') {
    db.close();
    parentPort?.close();
  } else void answer(message);
});

async function answer(message: AppendsMessage): Promise<void> {
  const ends = await Promise.allSettled(appendsOf(message).map((append) => commits.append(append)));
  const positions = new Float64Array(ends.length);
  const failures: Failure[] = [];
  ends.forEach((end, index) => {
    if (end.status === 'fulfilled') positions[index] = Number(end.value.position);
    else failures.push(failureOf(end.reason, index));
  });
  const told: AppendsAnswer = { number: message.number, positions, failures };
  parentPort?.postMessage(told);
}

function appendsOf({ streams, numbers, blobs }: AppendsMessage): PackedAppend[] {
  let at = 0;
  return streams.map((stream, index): PackedAppend => {
    const [expectedRevision = 0, events = 0, bytes = 0, storedAtMs = 0] = numbers.subarray(
      index * NUMBERS_PER_APPEND,
      (index + 1) * NUMBERS_PER_APPEND,
    );
    const blob = Buffer.from(blobs.buffer, blobs.byteOffset + at, bytes);
    at += bytes;
    return { stream, expectedRevision, events, blob, storedAtMs };
  });
}

function failureOf(error: unknown, index: number): Failure {
  if (error instanceof WrongExpectedRevision)
    return { index, kind: 'conflict', actualRevision: error.actualRevision };
  if (error instanceof EventStoreUnavailable) return { index, kind: 'unavailable', message: error.message };
  if (error instanceof AppendOutcomeUnknown) return { index, kind: 'unknown', error: error.cause };
  return { index, kind: 'defect', error };
}
