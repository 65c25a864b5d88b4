import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters, type OnModuleDestroy } from '@nestjs/common';
import { GrpcMethod, GrpcStreamCall } from '@nestjs/microservices';
import type { rpc } from '#contracts';
import { rejection, type AccountCommand, type AccountEvent, type Rejection } from '#domain';
import { callSignal, GrpcErrors, METRICS, Refused, type CancellableCall, type Metrics } from '#platform';
import { EVENT_STORE, WRITE_SIDE } from '../tokens.js';
import type { EventStore } from '#event-store';
import { firstAnswer } from '../account/first-answer.js';
import type { WriteSide } from '../write-side.js';
import * as answers from './ledger/answers.js';
import * as commands from './ledger/commands.js';
import { UsageRecorder } from './ledger/usage-recorder.js';
import { countingRefusals } from './counting-refusals.js';
import { commandPath, withPaths } from './proto-paths.js';

/** `purser.v1.LedgerService`: everything that changes an account. */
@Controller()
@UseFilters(GrpcErrors)
export class LedgerController implements OnModuleDestroy {
  readonly #usage: UsageRecorder;

  constructor(
    @Inject(WRITE_SIDE) private readonly writeSide: WriteSide,
    @Inject(EVENT_STORE) private readonly eventStore: EventStore,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {
    this.#usage = new UsageRecorder({ ledger: writeSide.ledger, eventStore, metrics });
  }

  /** Before the transports close: an open stream would keep them waiting. */
  onModuleDestroy(): void {
    this.#usage.stopReading();
  }

  @GrpcMethod('LedgerService', 'RecordUsage')
  recordUsage(
    request: rpc.RecordUsageRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.RecordUsageResponse> {
    return this.#usage.record(request, callSignal(call));
  }

  @GrpcStreamCall('LedgerService', 'RecordUsageStream')
  recordUsageStream(call: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
    return this.#usage.recordStream(call);
  }

  @GrpcMethod('LedgerService', 'StartSubscription')
  startSubscription(
    request: rpc.StartSubscriptionRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.StartSubscriptionResponse> {
    return this.#execute(call, request, commands.startSubscription, answers.subscriptionStarted);
  }

  @GrpcMethod('LedgerService', 'ChangeSubscription')
  changeSubscription(
    request: rpc.ChangeSubscriptionRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.ChangeSubscriptionResponse> {
    return this.#execute(call, request, commands.changeSubscription, answers.subscriptionChanged);
  }

  @GrpcMethod('LedgerService', 'CancelSubscription')
  cancelSubscription(
    request: rpc.CancelSubscriptionRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.CancelSubscriptionResponse> {
    return this.#execute(call, request, commands.cancelSubscription, answers.subscriptionCancelled);
  }

  @GrpcMethod('LedgerService', 'GrantCredits')
  grantCredits(
    request: rpc.GrantCreditsRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.GrantCreditsResponse> {
    return this.#execute(call, request, commands.grantCredits, answers.creditsGranted);
  }

  @GrpcMethod('LedgerService', 'PurchaseCredits')
  purchaseCredits(
    request: rpc.PurchaseCreditsRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.PurchaseCreditsResponse> {
    return this.#execute(call, request, commands.purchaseCredits, answers.creditsPurchased);
  }

  @GrpcMethod('LedgerService', 'VoidGrant')
  voidGrant(
    request: rpc.VoidGrantRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.VoidGrantResponse> {
    return this.#execute(call, request, commands.voidGrant, answers.grantVoided);
  }

  @GrpcMethod('LedgerService', 'PlaceHold')
  placeHold(
    request: rpc.PlaceHoldRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.PlaceHoldResponse> {
    return this.#execute(call, request, commands.placeHold, answers.holdPlaced);
  }

  @GrpcMethod('LedgerService', 'CaptureHold')
  captureHold(
    request: rpc.CaptureHoldRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.CaptureHoldResponse> {
    return this.#execute(call, request, commands.captureHold, answers.holdCaptured);
  }

  @GrpcMethod('LedgerService', 'ReleaseHold')
  releaseHold(
    request: rpc.ReleaseHoldRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.ReleaseHoldResponse> {
    return this.#execute(call, request, commands.releaseHold, answers.holdReleased);
  }

  @GrpcMethod('LedgerService', 'ReverseDebit')
  reverseDebit(
    request: rpc.ReverseDebitRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.ReverseDebitResponse> {
    return this.#execute(call, request, commands.reverseDebit, answers.debitReversed);
  }

  @GrpcMethod('LedgerService', 'ConfigureAutoTopUp')
  configureAutoTopUp(
    request: rpc.ConfigureAutoTopUpRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.ConfigureAutoTopUpResponse> {
    return this.#execute(call, request, commands.configureAutoTopUp, answers.autoTopUpConfigured);
  }

  @GrpcMethod('LedgerService', 'ReportTopUpPayment')
  reportTopUpPayment(
    request: rpc.ReportTopUpPaymentRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.ReportTopUpPaymentResponse> {
    return this.#execute(call, request, commands.reportTopUpPayment, answers.topUpPaymentReported);
  }

  /** Executes a command and answers out of the events it caused; a repeat is answered out of the first ones. */
  #execute<Request, Response>(
    call: CancellableCall,
    request: Request,
    read: (request: Request) => commands.Addressed<AccountCommand>,
    answer: (events: readonly AccountEvent[], answered: answers.Answered) => Response,
  ): Promise<Response> {
    return countingRefusals(this.metrics, async () => {
      const { customerId, command } = read(request);
      const stop = this.metrics.commandSeconds.startTimer({ command: command.type });
      const outcome = await this.writeSide.ledger.execute(customerId, command, callSignal(call));
      stop();
      if (outcome.kind === 'rejected') throw new Refused(withPaths(outcome, command.type, commandPath));
      if (outcome.kind === 'notCreditMetered') throw new Refused(nothingToHold(outcome.feature));
      const duplicate = outcome.kind === 'duplicate';
      const placed = duplicate
        ? await firstAnswer(this.eventStore, customerId, outcome.revision)
        : outcome.events;
      const events = placed.map(({ event }) => event);
      return answer(events, { revision: placed.at(-1)?.revision ?? outcome.revision, duplicate });
    });
  }
}

/** Usage that costs no credits is let through; credits cannot be set aside for it. */
function nothingToHold(feature: string): Rejection {
  const message = `${feature} costs no credits on the plans of this customer`;
  return rejection('NOT_CREDIT_METERED', message);
}
