import DataLoader from 'dataloader';
import type { Seen } from '#domain';
import type { EventStore } from '#event-store';
import { readAccount } from '#journal';
import { identitiesOf } from '#projections';
import type { ReadStore, SeenLookup, SeenRow } from '#read-store';
import type { LoadedAccount } from './loaded-account.js';

/** What is asked of the index for one account. */
interface Question {
  readonly customerId: string;
  readonly identities: readonly string[];
}

interface Answer {
  /** In the order of the identities. */
  readonly rows: readonly (SeenRow | undefined)[];
  readonly projectedThrough: number;
}

/** Most ids in one query, unless a single account asks for more. */
const LOOKUPS_PER_QUERY = 5_000;

/** A gap of at most this many events is kept once read; a longer one is read again, so that memory stays bounded. */
const IDS_READ_INTO_MEMORY = 50_000;

/**
 * Answers "seen before?" for ever with bounded memory: ids of recent events are in memory with their account,
 * older ones in the read store's unique index. Where the index has not come as far as the memory begins (it
 * lags, or is being rebuilt), the stream itself is read in between. Nothing is ever guessed to be new.
 */
export class RememberedIds {
  readonly #index: DataLoader<Question, Answer>;

  /** @param keptPerAccount above this many ids of one account in memory, those that the index knows by now are dropped */
  constructor(
    private readonly eventStore: EventStore,
    readStore: ReadStore,
    private readonly keptPerAccount: number,
  ) {
    this.#index = new DataLoader((questions) => askIndex(readStore, questions), { cache: false });
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
    const forgets = account.idCount > this.keptPerAccount;
    if (unknown.length === 0 && !forgets) return found;
    const { rows, projectedThrough } = await this.#index.load({
      customerId: account.customerId,
      identities: unknown.length > 0 ? unknown : identities.slice(0, 1),
    });
    if (forgets) account.forgetThrough(projectedThrough);
    if (unknown.length === 0) return found;
    unknown.forEach((identity, at) => {
      const row = rows[at];
      if (row) found.set(identity, row);
    });
    if (projectedThrough < account.idsFrom) {
      for (const [identity, seen] of await this.#scan(account, projectedThrough, unknown))
        found.set(identity, seen);
    }
    return found;
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

/** Accounts that ask in the same turn of the event loop share queries; what one asks is never split over two. */
async function askIndex(readStore: ReadStore, questions: readonly Question[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let next = 0; next < questions.length;) {
    const lookups: SeenLookup[] = [];
    const from = next;
    for (let question = questions[next]; question; question = questions[++next]) {
      if (next > from && lookups.length + question.identities.length > LOOKUPS_PER_QUERY) break;
      const { customerId, identities } = question;
      for (const identity of identities) lookups.push({ customerId, identity });
    }
    const { rows, projectedThrough } = await readStore.seen(lookups);
    let row = 0;
    for (const { customerId, identities } of questions.slice(from, next)) {
      answers.push({
        rows: rows.slice(row, (row += identities.length)),
        projectedThrough: projectedThrough.get(customerId) ?? -1,
      });
    }
  }
  return answers;
}
