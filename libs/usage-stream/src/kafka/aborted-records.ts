/** A transaction that was aborted, and whose records a broker sends all the same. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** What a fetched record says of its transaction; messages from before record batches say nothing. */
export interface TransactionalRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly isControlRecord?: boolean;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
}

/** Behind the version in the key of a control record. */
const CONTROL_TYPE_AT = 2;
const ABORT = 0;

/**
 * Marks the records of aborted transactions as control records, which kafkajs hands to nobody. They are not taken out:
 * it knows by the last record of a fetch how far it has come, and a transaction may fill more than a fetch.
 *
 * kafkajs 2.2.4 itself expects the transactions by where they begin, where brokers send them by where they end; begins
 * with one of them a record at most; and takes any record whose key is four zeros for the end of one. Each of these
 * delivers what was aborted.
 */
export function hideAborted<R extends TransactionalRecord>(
  records: readonly R[],
  aborted: readonly AbortedTransaction[],
): readonly R[] {
  if (aborted.length === 0) return records;
  const ahead = aborted
    .map(({ producerId, firstOffset }) => ({ producerId, first: BigInt(firstOffset) }))
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  const open = new Set<string>();
  let begun = 0;
  return records.map((record) => {
    const offset = BigInt(record.offset);
    for (let next = ahead[begun]; next !== undefined && next.first <= offset; next = ahead[++begun])
      open.add(next.producerId);
    const { isControlRecord, batchContext } = record;
    if (batchContext === undefined || !open.has(batchContext.producerId)) return record;
    if (isControlRecord !== true)
      return batchContext.inTransaction ? { ...record, isControlRecord: true } : record;
    if (isAbortMarker(record)) open.delete(batchContext.producerId);
    return record;
  });
}

function isAbortMarker({ key }: TransactionalRecord): boolean {
  return key !== null && key.length >= CONTROL_TYPE_AT + 2 && key.readInt16BE(CONTROL_TYPE_AT) === ABORT;
}
