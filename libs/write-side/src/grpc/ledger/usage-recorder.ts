import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { rpc } from '#contracts';
import { isRejection, rejectionForFaults, type RecordUsage, type Rejection } from '#domain';
import type { EventStore } from '#event-store';
import { answerStream, callSignal, failureOf, INTERNAL_FAILURE, Refused, type Metrics } from '#platform';
import { firstAnswer } from '../../account/first-answer.js';
import type { Ledger } from '../../account/ledger.js';
import type { Outcome } from '../../account/outcome.js';
import { usageCommand } from '../../usage/usage-command.js';
import { countOutcomes } from '../../usage/count-outcomes.js';
import { atPaths } from '../proto-paths.js';
import { usageFromRequest, usageMode } from './usage-request.js';
import { notCreditMetered, usageResponse } from './usage-response.js';

/** Most usage events in one message of a stream. */
const MAX_USAGES = 1_000;

export interface UsageRecorderParts {
  readonly ledger: Ledger;
  readonly eventStore: EventStore;
  readonly metrics: Metrics;
}

/** One account's usage out of a message, in its order. */
interface AccountUsage {
  /** Where in the message each command came from. */
  readonly places: number[];
  readonly commands: RecordUsage[];
}

interface ReadUsages {
  readonly accounts: ReadonlyMap<string, AccountUsage>;
  /** One place per usage event of the message; those that could not be read are filled in. */
  readonly results: rpc.UsageResult[];
}

/** Usage that arrives over gRPC: one by one, or many to a message. */
export class UsageRecorder {
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
    countOutcomes(this.parts.metrics, [outcome]);
    return outcome.kind === 'duplicate'
      ? this.#firstAnswer(usage.customerId, outcome.revision)
      : answerOf(outcome);
  }

  /** Every message is answered by one, in order; while one is being appended the next is decided. */
  recordStream(
    call: ServerDuplexStream<rpc.RecordUsageStreamRequest, rpc.RecordUsageStreamResponse>,
  ): Promise<void> {
    const signal = callSignal(call);
    // A request is let go of once it is read: several wait for their answers at a time. (Async, because an answer
    // that is a refusal still has its turn.)

    return answerStream(call, async (request) => this.#recordAll(this.#readAll(request), signal));
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
    const results = new Array<rpc.UsageResult>(usages.length);
    const accounts = new Map<string, AccountUsage>();
    usages.forEach((event, at) => {
      const usage = usageFromRequest(event, `usages[${at}]`);
      if (isRejection(usage)) {
        results[at] = this.#errorResult(usage);
        return;
      }
      let account = accounts.get(usage.customerId);
      if (!account) accounts.set(usage.customerId, (account = { places: [], commands: [] }));
      account.places.push(at);
      account.commands.push(usageCommand(usage, mode));
    });
    return { accounts, results };
  }

  async #recordAll(
    { accounts, results }: ReadUsages,
    signal: AbortSignal,
  ): Promise<rpc.RecordUsageStreamResponse> {
    await Promise.all(
      [...accounts].map(([customerId, { places, commands }]) =>
        this.#recordAccount(
          customerId,
          places,
          this.parts.ledger.submit(customerId, commands, signal),
          results,
        ),
      ),
    );
    return { results };
  }

  async #recordAccount(
    customerId: string,
    places: readonly number[],
    submitted: Promise<readonly Outcome[]>,
    results: rpc.UsageResult[],
  ): Promise<void> {
    try {
      const outcomes = await submitted;
      countOutcomes(this.parts.metrics, outcomes);
      for (const [index, at] of places.entries()) {
        const outcome = outcomes[index];
        if (!outcome) throw new Error(`account ${customerId}: usage ${index} was left without an outcome`);
        if (outcome.kind === 'rejected') results[at] = this.#errorResult(inRequest(outcome, `usages[${at}]`));
        else if (outcome.kind !== 'duplicate') results[at] = { recorded: answerOf(outcome) };
        else results[at] = { recorded: await this.#firstAnswer(customerId, outcome.revision) };
      }
    } catch (error) {
      // What keeps one account's usage out does not touch the others': safe to send again.
      for (const at of places) results[at] ??= this.#errorResult(error);
    }
  }

  /** What a usage event was answered when it came first. */
  async #firstAnswer(customerId: string, revision: number): Promise<rpc.RecordUsageResponse> {
    const first = await firstAnswer(this.parts.eventStore, customerId, revision);
    const events = first.map(({ event }) => event);
    return usageResponse(events, first.at(-1)?.revision ?? revision, true);
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
  return usageResponse(
    outcome.events.map(({ event }) => event),
    outcome.revision,
    false,
  );
}

/** The same refusal with the fields as the request names them. */
function inRequest(rejection: Rejection, path: string): Rejection {
  const { faults } = rejection;
  return faults ? { ...rejection, faults: atPaths(faults, (field) => `${path}.${field}`) } : rejection;
}
