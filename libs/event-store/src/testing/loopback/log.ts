/** An event as the loopback server keeps it. */
export interface LogRecord {
  readonly id: string;
  readonly stream: string;
  readonly revision: bigint;
  /** Commit and prepare position in one, as for every event that was written over gRPC. */
  readonly position: bigint;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** 100-nanosecond ticks since the epoch. */
  readonly created: bigint;
  /** The message that says all this, once somebody has read it. */
  message?: Buffer | undefined;
}

export type ProposedEvent = Pick<LogRecord, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;

/** The revision that an append expects; -1n is "no stream". */
export type Expected = bigint | 'any' | 'stream_exists';

export type WriteResult =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint }
  /** Already there; the real server does not always know the position any more. */
  | { readonly kind: 'repeated'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'conflict'; readonly current: bigint };

/** The transaction log behind one or more loopback servers (several make a cluster). */
export class Log {
  readonly records: LogRecord[] = [];
  readonly #streams = new Map<string, LogRecord[]>();
  readonly #watchers = new Set<() => void>();
  // Positions are byte offsets in the real log: they start beyond 0 and have gaps.
  #end = 1024n;

  /** Where the next record will stand. */
  get end(): bigint {
    return this.#end;
  }

  /** What EventStoreDB does with an append; see "Append" in the adapter notes. */
  write(stream: string, expected: Expected, events: readonly ProposedEvent[]): WriteResult {
    const there = this.stream(stream);
    const head = BigInt(there.length) - 1n;
    if (expected === 'stream_exists' && head < 0n) return { kind: 'conflict', current: head };
    if (typeof expected === 'bigint' && expected !== head)
      return this.#repeatOrConflict(there, expected, events);
    for (const event of events) this.#add(stream, there, event);
    this.#streams.set(stream, there);
    for (const wake of [...this.#watchers]) wake();
    const last = there.at(-1);
    return { kind: 'written', revision: last?.revision ?? head, position: last?.position ?? 0n };
  }

  #repeatOrConflict(
    there: readonly LogRecord[],
    expected: bigint,
    events: readonly ProposedEvent[],
  ): WriteResult {
    const places = events.map((_, i) => there[Number(expected) + 1 + i]);
    const same = events.length > 0 && events.every(({ id }, i) => places[i]?.id === id);
    const last = places.at(-1);
    if (!same || !last) return { kind: 'conflict', current: BigInt(there.length) - 1n };
    return { kind: 'repeated', revision: last.revision, position: last.position };
  }

  #add(stream: string, there: LogRecord[], event: ProposedEvent): void {
    const record: LogRecord = {
      ...event,
      stream,
      revision: BigInt(there.length),
      position: this.#end,
      created: BigInt(Date.now()) * 10_000n,
      message: undefined,
    };
    this.#end += BigInt(100 + event.data.byteLength + event.metadata.byteLength);
    there.push(record);
    this.records.push(record);
  }

  /** The events of a stream; empty when there is no such stream. */
  stream(name: string): LogRecord[] {
    return this.#streams.get(name) ?? [];
  }

  /** Index of the first record at or after a position. */
  indexOf(position: bigint): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.records[middle]?.position ?? 0n) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Calls `wake` whenever something was written, until the function that is returned is called. */
  watch(wake: () => void): () => void {
    this.#watchers.add(wake);
    return () => this.#watchers.delete(wake);
  }
}
