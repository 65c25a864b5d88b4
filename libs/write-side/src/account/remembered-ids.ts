import DataLoader from 'dataloader';
import type { Seen } from '#domain';
import type { EventStore } from '#event-store';
import { readAccount } from '#journal';
import { identitiesOf } from '#projections';
import type { ReadStore, SeenLookup, SeenRow } from '#read-store';
import type { LoadedAccount } from './loaded-account.js';

interface Answer {
  readonly row: SeenRow | undefined;
  readonly projectedThrough: number;
}

/** Above this many ids of one account in memory, those that the read store knows by now are dropped. */
const IDS_KEPT_PER_ACCOUNT = 2_000;

/** A gap of at most this many events is kept once read; a longer one is read again, so that memory stays bounded. */
const IDS_READ_INTO_MEMORY = 50_000;

/**
 * Answers "seen before?" for ever with bounded memory: ids of recent events are in memory with their account,
 * older ones in the read store's unique index. Where the index has not come as far as the memory begins (it
 * lags, or is being rebuilt), the stream itself is read in between. Nothing is ever guessed to be new.
 */
export class RememberedIds {
  readonly #index: DataLoader<SeenLookup, Answer, string>;

  constructor(
    private readonly eventStore: EventStore,
    readStore: ReadStore,
  ) {
    this.#index = new DataLoader<SeenLookup, Answer, string>(
      async (lookups) => {
        const { rows, projectedThrough } = await readStore.seen(lookups);
        return lookups.map(({ customerId }, at) => ({
          row: rows[at],
          projectedThrough: projectedThrough.get(customerId) ?? -1,
        }));
      },
      { cache: false, maxBatchSize: 5_000 },
    );
  }

  /** How each of these identities was answered before; what is missing in the answer never was. */
  async find(account: LoadedAccount, identities: readonly string[]): Promise<Map<string, Seen>> {
    const found = new Map<string, Seen>();
    const unknown: string[] = [];
    for (const identity of identities) {
      const seen = account.seen(identity);
      if (seen) found.set(identity, seen);
      else if (account.idsFrom >= 0) unknown.push(identity);
    }
    if (unknown.length === 0) {
      if (account.idCount > IDS_KEPT_PER_ACCOUNT) await this.#askIndex(account, identities.slice(0, 1));
      return found;
    }
    const { answers, projectedThrough } = await this.#askIndex(account, unknown);
    unknown.forEach((identity, at) => {
      const row = answers[at]?.row;
      if (row) found.set(identity, row);
    });
    if (projectedThrough < account.idsFrom) {
      for (const [identity, seen] of await this.#scan(account, projectedThrough, unknown))
        found.set(identity, seen);
    }
    return found;
  }

  async #askIndex(
    account: LoadedAccount,
    identities: readonly string[],
  ): Promise<{ answers: Answer[]; projectedThrough: number }> {
    const { customerId } = account;
    const answers = await Promise.all(
      identities.map((identity) => this.#index.load({ customerId, identity })),
    );
    // Lookups of one account may be split over two queries: trust the one that had come less far.
    const projectedThrough = Math.min(...answers.map((answer) => answer.projectedThrough));
    if (account.idCount > IDS_KEPT_PER_ACCOUNT) account.forgetThrough(projectedThrough);
    return { answers, projectedThrough };
  }

  /** Looks through the stream between the end of the index and the beginning of the memory. */
  async #scan(
    account: LoadedAccount,
    projectedThrough: number,
    wanted: readonly string[],
  ): Promise<Map<string, Seen>> {
    const events = account.idsFrom - projectedThrough;
    const gap = new Map<string, Seen>();
    const missing = new Set(wanted);
    const keep = events <= IDS_READ_INTO_MEMORY;
    for await (const batch of readAccount(
      this.eventStore,
      account.customerId,
      projectedThrough + 1,
      events,
    )) {
      for (const { revision, event } of batch) {
        for (const { identity, fingerprint } of identitiesOf(event)) {
          if (!gap.has(identity) && (keep || missing.has(identity)))
            gap.set(identity, { fingerprint, revision });
        }
      }
    }
    if (keep) account.recall(gap, projectedThrough);
    return new Map([...gap].filter(([identity]) => missing.has(identity)));
  }
}
