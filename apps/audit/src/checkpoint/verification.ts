import { checkpointDigest, signatureFault, type Checkpoint, type CheckpointHead } from '#contracts';
import type { KeyObject } from 'node:crypto';
import type { WalkedEvent, WalkedHead } from './chain-walk.js';

/** What is wrong with a checkpoint by itself, before any ledger is looked at. */
export function checkpointFaults(checkpoint: Checkpoint, trusted: KeyObject | undefined): readonly string[] {
  const faults: string[] = [];
  const { heads, streams, digest, signature } = checkpoint;
  if (streams !== heads.length) faults.push(`says ${streams} streams, but has ${heads.length} heads`);
  const own = digestOf(heads);
  if (own !== digest) faults.push(`says that its digest is ${digest}, but it is ${own}`);
  if (signature) {
    const fault = signatureFault(checkpoint, signature, trusted);
    if (fault !== undefined) faults.push(fault);
  } else if (trusted) faults.push('is not signed');
  return faults;
}

function digestOf(heads: readonly CheckpointHead[]): string {
  try {
    return checkpointDigest(heads);
  } catch (error) {
    return error instanceof Error ? `none: ${error.message}` : 'none';
  }
}

/** Compares the streams of a ledger with the heads that a checkpoint has of them, while the events pass by. */
export class HeadComparison {
  readonly #recorded: ReadonlyMap<string, CheckpointHead>;

  constructor({ heads }: Checkpoint) {
    this.#recorded = new Map(heads.map((head) => [head.stream, head]));
  }

  /** What is wrong with an event that stands where the checkpoint has a head. */
  fault({ stream, revision, hash }: WalkedEvent): string | undefined {
    const head = this.#recorded.get(stream);
    if (head?.revision !== revision || head.hash === hash) return undefined;
    return `the checkpoint has ${head.hash}, but it is ${hash}`;
  }

  /** Streams that end before the head that the checkpoint has of them. */
  *missing(heads: ReadonlyMap<string, WalkedHead>): Generator<{ stream: string; fault: string }> {
    for (const { stream, revision } of this.#recorded.values()) {
      const now = heads.get(stream)?.revision ?? -1;
      if (now >= revision) continue;
      const end = now < 0 ? 'there is no such stream' : `the stream ends at revision ${now}`;
      yield { stream, fault: `the checkpoint has revision ${revision}, but ${end}` };
    }
  }
}
