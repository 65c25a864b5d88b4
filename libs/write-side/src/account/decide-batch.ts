import {
  decide,
  evolveAll,
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  type DecisionContext,
  type History,
  type Rejection,
  type Seen,
} from '#domain';

/** A command and the text under which it is remembered; see `identityOf`. */
export interface Identified {
  readonly command: AccountCommand;
  readonly identity: string | null;
}

/** Events that are appended together or not at all. */
export interface Unit {
  readonly events: readonly AccountEvent[];
  /** The command that caused them; undefined for settlement. */
  readonly command: number | undefined;
  /** The text under which that command is remembered; null for settlement, and for what the command's own events made due. */
  readonly identity: string | null;
  /** The account once these events are in the store. */
  readonly after: AccountState;
}

/** What one command of a batch came to, before anything is written. */
export type Verdict =
  | { readonly kind: 'appends' }
  | { readonly kind: 'appendsNothing' }
  | { readonly kind: 'duplicate'; readonly of: Seen }
  /** The id was used by an earlier command of this very batch, whose revision is not known yet. */
  | { readonly kind: 'duplicateWithin'; readonly of: number }
  | { readonly kind: 'notCreditMetered'; readonly feature: string }
  | Rejection;

export interface DecidedBatch {
  readonly units: readonly Unit[];
  /** In the order of the commands. */
  readonly verdicts: readonly Verdict[];
}

export interface BatchContext extends Omit<DecisionContext, 'seen' | 'history'> {
  readonly seen: ReadonlyMap<string, Seen>;
  /** By the command that needs it. */
  readonly histories: ReadonlyMap<AccountCommand, History>;
}

const APPENDS: Verdict = { kind: 'appends' };
const APPENDS_NOTHING: Verdict = { kind: 'appendsNothing' };

/** Stands for the revision of an id that this batch itself will write. */
const WITHIN_BATCH = -1;

/**
 * Most events beyond a command's own that are appended together with them. A subscription that starts years back makes
 * thousands due: more than one append takes, and each of them stands on its own as it does in settlement.
 */
const MADE_DUE_TOGETHER = 100;

/** Decides commands of one account one after the other, each on the state the one before left behind. */
export function decideBatch(
  state: AccountState,
  commands: readonly Identified[],
  context: BatchContext,
): DecidedBatch {
  const { seen, histories, ...shared } = context;
  const units: Unit[] = [];
  /** The command of this very batch that an id belongs to. */
  const within = new Map<string, number>();
  const seenWithin = (identity: string): Seen | undefined => {
    const command = commands[within.get(identity) ?? -1]?.command;
    return command && command.type !== 'Settle'
      ? { fingerprint: command.fingerprint, revision: WITHIN_BATCH }
      : undefined;
  };
  const together = (
    events: readonly AccountEvent[],
    command: number | undefined,
    identity: string | null,
  ): void => {
    state = evolveAll(state, events);
    units.push({ events, command, identity, after: state });
  };
  const each = (events: readonly AccountEvent[], command: number | undefined): void => {
    for (const event of events) together([event], command, null);
  };
  const verdicts = commands.map(({ command, identity }, index): Verdict => {
    const before = identity === null ? undefined : (seen.get(identity) ?? seenWithin(identity));
    const history = histories.get(command);
    // The same object for nearly every command: what the domain works out of it once serves the whole batch.
    const own =
      before || history
        ? { ...shared, ...(before && { seen: before }), ...(history && { history }) }
        : shared;
    const decision = decide(state, command, own);
    switch (decision.kind) {
      case 'rejected':
      case 'notCreditMetered':
        return decision;
      case 'duplicate': {
        const earlier = identity === null ? undefined : within.get(identity);
        return earlier !== undefined && decision.seen.revision === WITHIN_BATCH
          ? { kind: 'duplicateWithin', of: earlier }
          : { kind: 'duplicate', of: decision.seen };
      }
      case 'decided': {
        const { settlement, events, own } = decision;
        each(settlement, undefined);
        if (events.length - own > MADE_DUE_TOGETHER) {
          together(events.slice(0, own), index, identity);
          each(events.slice(own), index);
        } else if (events.length > 0) together(events, index, identity);
        if (identity !== null && events.length > 0) within.set(identity, index);
        return settlement.length + events.length > 0 ? APPENDS : APPENDS_NOTHING;
      }
    }
  });
  return { units, verdicts };
}
