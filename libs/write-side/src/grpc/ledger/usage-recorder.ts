import type { ServerDuplexStream } from '@grpc/grpc-js';
import { compileMessageWriter, messageReader, messageType, type rpc } from '#contracts';
import { isRejection, rejectionForFaults, type RecordUsage, type Rejection } from '#domain';
import type { EventStore } from '#event-store';
import {
  answerStream,
  callSignal,
  failureOf,
  INTERNAL_FAILURE,
  MessagesInHand,
  readRequest,
  Refused,
  type Metrics,
} from '#platform';
import { firstAnswer } from '../../account/first-answer.js';
import type { Ledger } from '../../account/ledger.js';
import type { Outcome } from '../../account/outcome.js';
import { submitAll, type AccountCommands } from '../../account/submit-all.js';
import { usageCommand } from '../../usage/usage-command.js';
import { OutcomeCounts } from '../../usage/outcome-counts.js';
import { outcomeLabel } from '../../usage/usage-outcome.js';
import { atPaths } from '../proto-paths.js';
import { usageFromRequest, usageMode } from './usage-request.js';
import { notCreditMetered, usageResponse } from './usage-response.js';
import { UsageResults } from './usage-results.js';

/** Most usage events in one message of a stream. */
const MAX_USAGES = 1_000;

export interface UsageRecorderParts {
  readonly ledger: Ledger;
  readonly eventStore: EventStore;
  readonly metrics: Metrics;
}

/** One account's usage out of a message, in its order. */
interface AccountUsage extends AccountCommands {
  /** Where in the message each command came from. */
  readonly places: number[];
  readonly commands: RecordUsage[];
}

/** Usage that came again: where in the message, and where in the stream what it caused begins. */
interface Repeat {
  readonly at: number;
  readonly revision: number;
}

interface ReadUsages {
  readonly accounts: readonly AccountUsage[];
  /** Those of usage events that could not be read are known already. */
  readonly results: UsageResults;
}

/** Usage that arrives over gRPC: one by one, or many to a message. */
export class UsageRecorder {
  readonly #readMessage = messageReader('purser.v1.RecordUsageStreamRequest') as (
    bytes: Uint8Array,
  ) => rpc.RecordUsageStreamRequest;
  readonly #writeResults = compileMessageWriter(messageType('purser.v1.RecordUsageStreamResponse'));
  readonly #inHand = new MessagesInHand();

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
   * Every message is answered by one, in order; while one is being appended the next is decided. What is in hand is
   * kept small: a request is let go of once it is read. (Async, because an answer that is a refusal still has its turn.)
   * @param call carries bytes
   */
  recordStream(call: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
    const signal = callSignal(call);
    return answerStream(
      call,
      async (bytes) => this.#recordAll(this.#readAll(readRequest(this.#readMessage, bytes)), signal),
      this.#inHand,
    );
  }

  /** Who is to be charged for what; what cannot be read is answered already. */
  #readAll({ usages, mode: asked }: rpc.RecordUsageStreamRequest): ReadUsages {
    if (usages.length > MAX_USAGES) {
      const message = `must be at most ${MAX_USAGES} usage events in a message, got ${usages.length}`;
      throw new Refused(
        rejectionForFaults('COMMAND_MALFORMED', 'the message is too long', [{ path: 'usages', message }]),
      );
    }
    const mode = usageMode(asked);
    const results = new UsageResults(usages.length, this.#writeResults);
    const accounts = new Map<string, AccountUsage>();
    usages.forEach((event, at) => {
      const usage = usageFromRequest(event, at);
      if (isRejection(usage)) {
        results.set(at, this.#errorResult(usage));
        return;
      }
      const { customerId } = usage;
      const command = usageCommand(usage, mode);
      const account = accounts.get(customerId);
      if (account) {
        account.places.push(at);
        account.commands.push(command);
      } else accounts.set(customerId, { customerId, places: [at], commands: [command] });
    });
    return { accounts: [...accounts.values()], results };
  }

  /** Gives the bytes of the response. */
  async #recordAll({ accounts, results }: ReadUsages, signal: AbortSignal): Promise<Buffer> {
    const counts = new OutcomeCounts();
    await submitAll(
      this.parts.ledger,
      accounts,
      {
        executed: (usage, outcomes) => {
          counts.add(outcomes);
          return this.#answer(usage, outcomes, results);
        },
        // What keeps one account's usage out does not touch the others': safe to send again.
        failed: ({ places }, error) => {
          for (const at of places) if (!results.isKnown(at)) results.set(at, this.#errorResult(error));
        },
      },
      signal,
    );
    counts.report(this.parts.metrics);
    return results.toMessage();
  }

  /** A promise where usage came again: what it was answered first has to be looked up. */
  #answer(
    { customerId, places }: AccountUsage,
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

function answerOf(outcome: Exclude<Outcome, Rejection | { kind: 'duplicate' }>): rpc.RecordUsageResponse {
  if (outcome.kind === 'notCreditMetered') return notCreditMetered(outcome.revision);
  return usageResponse(outcome.events, outcome.revision, false);
}

/** The same refusal with the fields as the request names them. */
function inRequest(rejection: Rejection, path: string): Rejection {
  const { faults } = rejection;
  return faults ? { ...rejection, faults: atPaths(faults, (field) => `${path}.${field}`) } : rejection;
}
