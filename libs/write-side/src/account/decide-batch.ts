import {
  decide,
  rejection,
  type AccountCommand,
  type DecisionContext,
  type History,
  type Rejection,
  type Seen,
} from '#domain';
import { UNIT_LIMIT_BYTES } from '#event-store';
import { UnitChain, type Unit, type UnitEnd } from './unit-chain.js';

/** A command and the text under which it is remembered; see `identityOf`. */
export interface Identified {
  readonly command: AccountCommand;
  readonly identity: string | null;
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
  /** In the order of the commands. Fewer than those: the others have to wait until these are appended. */
  readonly verdicts: readonly Verdict[];
  /** Whether deciding it has kept the process busy for long. */
  readonly isLarge: boolean;
}

export interface BatchContext extends Omit<DecisionContext, 'seen' | 'history'> {
  readonly seen: ReadonlyMap<string, Seen>;
  /** By the command that needs it. */
  readonly histories: ReadonlyMap<AccountCommand, History>;
  /** Most that one append takes. */
  readonly limitBytes: number;
}

const APPENDS: Verdict = { kind: 'appends' };
const APPENDS_NOTHING: Verdict = { kind: 'appendsNothing' };

/** Stands for the revision of an id that this batch itself will write. */
const WITHIN_BATCH = -1;

/** A batch ends behind the command with which it comes to so much: nothing else is served while it is decided. */
const BATCH_BYTES = 2 * UNIT_LIMIT_BYTES;

/**
 * Decides commands of one account one after the other, each on the state the one before left behind. What causes more
 * than an append takes is refused, and those behind it are decided without it.
 */
export function decideBatch(
  stream: string,
  start: UnitEnd,
  commands: readonly Identified[],
  context: BatchContext,
): DecidedBatch {
  const { seen, histories, limitBytes, ...shared } = context;
  const chain = new UnitChain(stream, start, limitBytes);
  /** The command of this very batch that an id belongs to. */
  const within = new Map<string, number>();
  const seenWithin = (identity: string): Seen | undefined => {
    const command = commands[within.get(identity) ?? -1]?.command;
    return command && command.type !== 'Settle'
      ? { fingerprint: command.fingerprint, revision: WITHIN_BATCH }
      : undefined;
  };
  const verdictOn = ({ command, identity }: Identified, index: number): Verdict => {
    const before = identity === null ? undefined : (seen.get(identity) ?? seenWithin(identity));
    const history = histories.get(command);
    // The same object for nearly every command: what the domain works out of it once serves the whole batch.
    const own =
      before || history
        ? { ...shared, ...(before && { seen: before }), ...(history && { history }) }
        : shared;
    const decision = decide(chain.state, command, own);
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
        const tooLarge = chain.add(decision, index, identity);
        if (tooLarge !== undefined) return refusalOf(tooLarge, limitBytes);
        const { settlement, events } = decision;
        if (identity !== null && events.length > 0) within.set(identity, index);
        return settlement.length + events.length > 0 ? APPENDS : APPENDS_NOTHING;
      }
    }
  };
  const verdicts: Verdict[] = [];
  for (const [index, command] of commands.entries()) {
    verdicts.push(verdictOn(command, index));
    if (chain.bytes >= BATCH_BYTES) break;
  }
  return { units: chain.units, verdicts, isLarge: chain.bytes > UNIT_LIMIT_BYTES };
}

function refusalOf(bytes: number, limitBytes: number): Rejection {
  return rejection(
    'COMMAND_MALFORMED',
    `too much at once: what it causes takes ${bytes} bytes, and one append takes at most ${limitBytes} bytes`,
  );
}
