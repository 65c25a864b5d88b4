import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { fingerprintOf, type rpc } from '#contracts';
import {
  completeDraft,
  findPlan,
  findPlanHistory,
  isRejection,
  listCreditSystems,
  listPlanHistories,
  sameTerms,
  type PlanHistory,
  type Rejection,
} from '#domain';
import { CLOCK, GrpcErrors, METRICS, Refused, RequestFields, type Clock, type Metrics } from '#platform';
import { planUnknown, quotePurchase } from '../catalog/quote-purchase.js';
import { WRITE_SIDE } from '../tokens.js';
import type { WriteSide } from '../write-side.js';
import {
  changeGraceFromProto,
  creditSystemToProto,
  defineFromProto,
  describeFromProto,
  renameFromProto,
  type CreditSystemCommand,
} from './catalog/credit-system-proto.js';
import { identityFromProto } from './catalog/identity-from-proto.js';
import { planToProto, planVersionToProto } from './catalog/plan-to-proto.js';
import { countingRefusals } from './counting-refusals.js';
import { creditSystemPath, planPath, withPaths } from './proto-paths.js';
import { quoteToProto } from './catalog/quote-to-proto.js';
import { saveDraftFromProto } from './catalog/save-draft.js';

const SERVICE = 'CatalogService';

/** Credit systems and plans over gRPC. Every answer is given on the stream's end, so it knows what was just written. */
@Controller()
@UseFilters(GrpcErrors)
export class CatalogController {
  constructor(
    @Inject(WRITE_SIDE) private readonly writeSide: WriteSide,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  @GrpcMethod(SERVICE)
  async defineCreditSystem(request: rpc.DefineCreditSystemRequest): Promise<rpc.DefineCreditSystemResponse> {
    return this.#creditSystem(request.name, (fields) => defineFromProto(request, fields));
  }

  @GrpcMethod(SERVICE)
  async renameCreditSystem(request: rpc.RenameCreditSystemRequest): Promise<rpc.RenameCreditSystemResponse> {
    return this.#creditSystem(request.key, (fields) => renameFromProto(request, fields));
  }

  @GrpcMethod(SERVICE)
  async describeCreditSystem(
    request: rpc.DescribeCreditSystemRequest,
  ): Promise<rpc.DescribeCreditSystemResponse> {
    return this.#creditSystem(request.key, (fields) => describeFromProto(request, fields));
  }

  @GrpcMethod(SERVICE)
  async changeLateUsageGrace(
    request: rpc.ChangeLateUsageGraceRequest,
  ): Promise<rpc.ChangeLateUsageGraceResponse> {
    return this.#creditSystem(request.key, (fields) => changeGraceFromProto(request, fields));
  }

  @GrpcMethod(SERVICE)
  async listCreditSystems(): Promise<rpc.ListCreditSystemsResponse> {
    const catalog = await this.writeSide.catalog.refresh();
    return { creditSystems: listCreditSystems(catalog).map(creditSystemToProto) };
  }

  @GrpcMethod(SERVICE)
  savePlanDraft(request: rpc.SavePlanDraftRequest): Promise<rpc.SavePlanDraftResponse> {
    return countingRefusals(this.metrics, async () => {
      const { catalog, catalogHandler } = this.writeSide;
      const command = saveDraftFromProto(request, await catalog.refresh(), this.clock.now());
      const { answered, duplicate } = accepted(await catalogHandler.execute(command), (rejection) =>
        withPaths(rejection, `draft of plan ${JSON.stringify(request.planId.slice(0, 64))}`, planPath),
      );
      // What this command said, even if another draft has replaced it since: the first answer again.
      const draft = planToProto(command.planId, 0, completeDraft(command.draft));
      const { revision, draftNumber } = answered;
      if (draftNumber === null) throw new Error(`${command.type} was answered with a credit system`);
      return { draft, revision, duplicate, draftNumber };
    });
  }

  @GrpcMethod(SERVICE)
  publishPlan(request: rpc.PublishPlanRequest): Promise<rpc.PublishPlanResponse> {
    return countingRefusals(this.metrics, async () => {
      const fields = new RequestFields();
      const planId = fields.name(request.planId, 'plan_id');
      const identity = identityFromProto(request, fields);
      fields.done();
      const content = {
        type: 'PublishPlan' as const,
        planId,
        expectedDraftNumber: request.expectedDraftNumber ?? undefined,
      };
      const command = { ...content, fingerprint: fingerprintOf(content), ...identity };
      const outcome = await this.writeSide.catalogHandler.execute(command);
      const { answered, catalog, duplicate } = accepted(outcome);
      const { answer, revision } = answered;
      const version = answer.kind === 'plan' ? answer.version : null;
      const plan = version === null ? undefined : findPlan(catalog, planId, version);
      if (!plan) throw new Error(`plan ${planId} was published and is not there`);
      return { plan: planVersionToProto(plan), revision, duplicate };
    });
  }

  @GrpcMethod(SERVICE)
  async getPlan(request: rpc.GetPlanRequest): Promise<rpc.GetPlanResponse> {
    const fields = new RequestFields();
    const planId = fields.name(request.planId, 'plan_id');
    fields.done();
    const catalog = await this.writeSide.catalog.refresh();
    const history = findPlanHistory(catalog, planId);
    const version = request.version ?? undefined;
    const plan = history && planOf(history, version);
    if (!plan) throw new Refused(planUnknown(planId, version));
    const versions = history.versions.map((published) => published.version);
    return { plan, versions, draftNumber: history.draftNumber };
  }

  @GrpcMethod(SERVICE)
  async listPlans(): Promise<rpc.ListPlansResponse> {
    const catalog = await this.writeSide.catalog.refresh();
    const plans = listPlanHistories(catalog).map(summaryOf);
    return { plans: plans.sort((a, b) => (a.id < b.id ? -1 : 1)) };
  }

  @GrpcMethod(SERVICE)
  async quotePurchase(request: rpc.QuotePurchaseRequest): Promise<rpc.QuotePurchaseResponse> {
    const fields = new RequestFields();
    const question = {
      planId: fields.name(request.planId, 'plan_id'),
      planVersion: request.planVersion ?? undefined,
      creditSystem: fields.name(request.creditSystem, 'credit_system'),
      quantity: fields.amount(request.quantity, 'quantity'),
      as: request.recurring ? ('recurring' as const) : ('topUp' as const),
      at: fields.optionalInstant(request.at, 'at') ?? this.clock.now(),
    };
    fields.done();
    const answer = quotePurchase(await this.writeSide.catalog.refresh(), question);
    if (isRejection(answer)) throw new Refused(answer);
    return quoteToProto(answer);
  }

  /** Executes a command about a credit system, which errors call by `name`. */
  #creditSystem(name: string, read: (fields: RequestFields) => CreditSystemCommand) {
    return countingRefusals(this.metrics, async () => {
      const fields = new RequestFields();
      const command = read(fields);
      fields.done();
      const outcome = await this.writeSide.catalogHandler.execute(command);
      const { answered, duplicate } = accepted(outcome, (rejection) =>
        withPaths(rejection, `credit system ${JSON.stringify(name.slice(0, 64))}`, creditSystemPath),
      );
      const { creditSystem, revision } = answered;
      if (!creditSystem) throw new Error(`${command.type} was answered with a plan`);
      return { creditSystem: creditSystemToProto(creditSystem), revision, duplicate };
    });
  }
}

/** @throws Refused */
function accepted<T extends object>(
  outcome: T | Rejection,
  told: (rejection: Rejection) => Rejection = (rejection) => rejection,
): T {
  if (isRejection(outcome)) throw new Refused(told(outcome));
  return outcome;
}

/** Undefined: no such version. */
function planOf({ id, draft, versions }: PlanHistory, version: number | undefined): rpc.Plan | undefined {
  if (version === 0) return planToProto(id, 0, draft);
  const plan = version === undefined ? versions.at(-1) : versions[version - 1];
  return plan && planVersionToProto(plan);
}

function summaryOf({ id, draft, versions }: PlanHistory): rpc.PlanSummary {
  const latest = versions.at(-1);
  return {
    id,
    name: (latest ?? draft).name,
    latestVersion: latest?.version ?? 0,
    draftDiffers: !latest || !sameTerms(latest, draft),
  };
}
