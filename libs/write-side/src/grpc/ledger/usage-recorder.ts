import type { ServerDuplexStream } from '@grpc/grpc-js';
import { compileMessageWriter, messageType, SentUsages, type rpc, type Usage } from '#contracts';
import { isRejection, rejectionForFaults, type RecordUsage, type Rejection } from '#domain';
import type { EventStore } from '#event-store';
import {
  answerStream,
  callSignal,
  failureOf,
  INTERNAL_FAILURE,
  MessagesInHand,
  Refused,
  unreadable,
  type Metrics,
} from '#platform';
import { firstAnswer } from '../../account/first-answer.js';
import type { Ledger } from '../../account/ledger.js';
import type { Outcome } from '../../account/outcome.js';
import { submitAll } from '../../account/submit-all.js';
import { usageCommand } from '../../usage/usage-command.js';
import { OutcomeCounts } from '../../usage/outcome-counts.js';
import { outcomeLabel } from '../../usage/usage-outcome.js';
import { atPaths } from '../proto-paths.js';
import { usageFromRequest, usageMode } from './usage-request.js';
import { notCreditMetered, usageResponse } from './usage-response.js';
import { UsageResults } from './usage-results.js';
import { UsagesByAccount, type AccountUsage } from './usages-by-account.js';

/** Most usage events in one message of a stream. */
const MAX_USAGES = 1_000;

export interface UsageRecorderParts {
  readonly ledger: Ledger;
  readonly eventStore: EventStore;
  readonly metrics: Metrics;
}

/** Usage that came again: where in the message, and where in the stream what it caused begins. */
interface Repeat {
  readonly at: number;
  readonly revision: number;
}

/** Usage that arrives over gRPC: one by one, or many to a message. */
export class UsageRecorder {
  readonly #writeResults = compileMessageWriter(messageType('purser.v1.RecordUsageStreamResponse'));
  readonly #inHand = new MessagesInHand();
  readonly #stop = new AbortController();

  constructor(private readonly parts: UsageRecorderParts) {}

  async record(
    { usage: event, mode: asked }: rpc.RecordUsageRequest,
    signal: AbortSignal,
  ): Promise<rpc.RecordUsageResponse> {
    const mode = usageMode(asked);
    const usage = usageFromRequest(event);
    if (isRejection(usage)) throw this.#refused(usage);
    const stop = this.parts.metrics.commandSeconds.startTimer({ command: 'RecordUsage' });
    const outcome = await this.parts.ledger.execute(usage.customerId, usageCommand(usage, mode), signal);
    stop();
    if (outcome.kind === 'rejected') throw this.#refused(inRequest(outcome, 'usage'));
    this.parts.metrics.usageEvents.inc({ outcome: outcomeLabel(outcome) });
    return outcome.kind === 'duplicate'
      ? this.#firstAnswer(usage.customerId, outcome.revision)
      : answerOf(outcome);
  }

  /**
   * Every message is answered by one, in order; while one is being appended the next is decided. (Async, because an
   * answer that is a refusal still has its turn.)
   * @param call carries bytes
   */
  recordStream(call: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
    const signal = callSignal(call);
    return answerStream(
      call,
      async (bytes) => this.#recordAll(readMessage(bytes), signal),
      this.#inHand,
      this.#stop.signal,
    );
  }

  /** Reads from no stream any more: each ends once what was read is answered. */
  stopReading(): void {
    this.#stop.abort();
  }

  /** Gives the bytes of the response. */
  async #recordAll(usages: SentUsages, signal: AbortSignal): Promise<Buffer> {
    const mode = usageMode(usages.mode);
    const results = new UsageResults(usages.count, this.#writeResults);
    const byAccount = new UsagesByAccount(usages);
    const open = (account: AccountUsage) => byAccount.places(account).filter((at) => !results.isKnown(at));
    const counts = new OutcomeCounts();
    await submitAll(
      this.parts.ledger,
      byAccount.accounts,
      {
        commands: (account) => this.#commands(usages, mode, byAccount.places(account), results),
        executed: (account, outcomes) => {
          counts.add(outcomes);
          return this.#answer(account.customerId, open(account), outcomes, results);
        },
        // What keeps one account's usage out does not touch the others': safe to send again.
        failed: (account, error) => {
          for (const at of open(account)) results.set(at, this.#errorResult(error));
        },
      },
      signal,
    );
    counts.report(this.parts.metrics);
    return results.toMessage();
  }

  /** What one account is to be charged for; what cannot be read is answered here. */
  #commands(
    usages: SentUsages,
    mode: RecordUsage['mode'],
    places: readonly number[],
    results: UsageResults,
  ): RecordUsage[] {
    const commands: RecordUsage[] = [];
    for (const at of places) {
      const usage = readUsage(usages, at);
      if (isRejection(usage)) results.set(at, this.#errorResult(usage));
      else commands.push(usageCommand(usage, mode));
    }
    return commands;
  }

  /** A promise where usage came again: what it was answered first has to be looked up. */
  #answer(
    customerId: string,
    places: readonly number[],
    outcomes: readonly Outcome[],
    results: UsageResults,
  ): Promise<void> | undefined {
    const again: Repeat[] = [];
    places.forEach((at, index) => {
      const outcome = outcomes[index];
      if (!outcome) throw new Error(`account ${customerId}: usage ${index} was left without an outcome`);
      if (outcome.kind === 'rejected')
        results.set(at, this.#errorResult(inRequest(outcome, `usages[${at}]`)));
      else if (outcome.kind === 'duplicate') again.push({ at, revision: outcome.revision });
      else results.set(at, { recorded: answerOf(outcome) });
    });
    return again.length > 0 ? this.#answerAgain(customerId, again, results) : undefined;
  }

  async #answerAgain(customerId: string, again: readonly Repeat[], results: UsageResults): Promise<void> {
    for (const { at, revision } of again)
      results.set(at, { recorded: await this.#firstAnswer(customerId, revision) });
  }

  /** What a usage event was answered when it came first. */
  async #firstAnswer(customerId: string, revision: number): Promise<rpc.RecordUsageResponse> {
    const first = await firstAnswer(this.parts.eventStore, customerId, revision);
    return usageResponse(first, first.at(-1)?.revision ?? revision, true);
  }

  #refused(rejection: Rejection): Refused {
    this.parts.metrics.usageEvents.inc({ outcome: 'refused' });
    this.parts.metrics.refusals.inc({ reason: rejection.reason });
    return new Refused(rejection);
  }

  #errorResult(error: unknown): rpc.UsageResult {
    if (isRejection(error)) this.#refused(error);
    const { code, reason, message, numbers, faults } = failureOf(error) ?? INTERNAL_FAILURE;
    return {
      error: {
        code,
        reason,
        message,
        metadata: { ...numbers },
        fieldViolations: faults.map(({ path, message: description }) => ({ field: path, description })),
      },
    };
  }
}

/** @throws Refused (INVALID_ARGUMENT) for what is no message of a usage stream, and for one of too many events */
function readMessage(bytes: Buffer): SentUsages {
  let usages: SentUsages;
  try {
    usages = new SentUsages(bytes);
  } catch (error) {
    throw unreadable(error);
  }
  if (usages.count <= MAX_USAGES) return usages;
  const message = `must be at most ${MAX_USAGES} usage events in a message, got ${usages.count}`;
  throw new Refused(
    rejectionForFaults('COMMAND_MALFORMED', 'the message is too long', [{ path: 'usages', message }]),
  );
}

function readUsage(usages: SentUsages, at: number): Usage | Rejection {
  let event: rpc.UsageEvent;
  try {
    event = usages.read(at);
  } catch (error) {
    return unreadable(error, `usages[${at}]`).rejection;
  }
  return usageFromRequest(event, at);
}

function answerOf(outcome: Exclude<Outcome, Rejection | { kind: 'duplicate' }>): rpc.RecordUsageResponse {
  if (outcome.kind === 'notCreditMetered') return notCreditMetered(outcome.revision);
  return usageResponse(outcome.events, outcome.revision, false);
}

/** The same refusal with the fields as the request names them. */
function inRequest(rejection: Rejection, path: string): Rejection {
  const { faults } = rejection;
  return faults ? { ...rejection, faults: atPaths(faults, (field) => `${path}.${field}`) } : rejection;
}
