import { status } from '@grpc/grpc-js';
import {
  decodeAccountEvent,
  decodeStatusDetails,
  fromTimestamp,
  STATUS_DETAILS_TRAILER,
  toTimestamp,
  type rpc,
} from '#contracts';
import { instant, instantFromMs, type AccountEvent, type Instant } from '#domain';
import { CallFailed, connectService, type ServiceCalls } from '#platform';
import { apply } from '../../apps/catalog/src/apply.js';
import { connectCatalog } from '../../apps/catalog/src/catalog-client.js';
import { openPlanFile } from '../../apps/catalog/src/plan-source.js';
import { Customer } from './customer.js';

/** Every service of a running ledger, as a test speaks to them. */
export interface LedgerClient {
  readonly address: string;
  /** A moment so many milliseconds from the ledger's present. */
  fromNow(ms: number): rpc.Timestamp;
  readonly ledger: ServiceCalls<rpc.LedgerService>;
  readonly catalog: ServiceCalls<rpc.CatalogService>;
  readonly wallets: ServiceCalls<rpc.WalletService>;
  readonly audit: ServiceCalls<rpc.AuditService>;
  /** A customer that nobody has heard of yet. */
  customer(name?: string): Customer;
  /** What `npm run catalog -- apply` does; returns its report. */
  applyPlans(...files: readonly string[]): Promise<readonly string[]>;
  /** Saves and publishes a plan, with everything that is left out at its default. */
  publish(planId: string, terms: PlanTermsOf): Promise<rpc.Plan>;
  /** The events of an account as they are stored. */
  events(customerId: string): Promise<readonly AccountEvent[]>;
  /** The names of a service's calls. */
  methods(service: 'LedgerService' | 'CatalogService'): readonly string[];
  close(): void;
}

/** A message in which anything may be left out, as on the wire. */
export type Sparse<T> = T extends readonly (infer Item)[]
  ? readonly Sparse<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Sparse<T[K]> | undefined }
    : T;

export type PlanTermsOf = Sparse<rpc.PlanTerms>;

let customers = 0;

/** @param present what time the ledger has, in milliseconds since 1970. Default: the machine's */
export function connectLedger(address: string, present: () => number = Date.now): LedgerClient {
  const ledger = connectService<rpc.LedgerService>('LedgerService', address);
  const catalog = connectService<rpc.CatalogService>('CatalogService', address);
  const wallets = connectService<rpc.WalletService>('WalletService', address);
  const audit = connectService<rpc.AuditService>('AuditService', address);
  const client: LedgerClient = {
    address,
    fromNow: (ms) => toTimestamp(instantFromMs(present() + ms)),
    ledger: ledger.call,
    catalog: catalog.call,
    wallets: wallets.call,
    audit: audit.call,
    customer: (name = 'customer') => new Customer(`${name} ${++customers}`, client),
    applyPlans: (...files) => applyPlans(address, files),
    publish: async (planId, terms) => {
      const key = `${planId} ${++customers}`;
      await catalog.call.savePlanDraft({ idempotencyKey: `${key} draft`, planId, ...drafted(terms) });
      const { plan } = await catalog.call.publishPlan({ idempotencyKey: key, planId });
      if (!plan) throw new Error(`plan ${planId} was published and not answered`);
      return plan;
    },
    events: (customerId) => eventsOf(audit.raw, customerId),
    methods: (service) => methodsOf((service === 'LedgerService' ? ledger : catalog).raw),
    close: () => {
      for (const service of [ledger, catalog, wallets, audit]) service.close();
    },
  };
  return client;
}

/** grpc-js gives every client the definition of its service. */
function methodsOf(client: object): readonly string[] {
  const { service } = client.constructor as unknown as { readonly service: object };
  return Object.keys(service);
}

/** Terms as a request carries them: the loader fills in what is left out. */
export function drafted(terms: PlanTermsOf): { readonly terms: rpc.PlanTerms } {
  return { terms: terms as rpc.PlanTerms };
}

async function applyPlans(address: string, files: readonly string[]): Promise<readonly string[]> {
  const client = connectCatalog(address);
  try {
    const reports: string[] = [];
    for (const file of files) {
      const { lines } = await apply(await openPlanFile(file), client, { publish: undefined, actor: 'test' });
      reports.push(...lines);
    }
    return reports;
  } finally {
    client.close();
  }
}

async function eventsOf(audit: object, customerId: string): Promise<readonly AccountEvent[]> {
  const { readEvents } = audit as {
    readEvents: (request: { customerId: string }) => AsyncIterable<rpc.ReadEventsResponse>;
  };
  const events: AccountEvent[] = [];
  for await (const { events: stored } of readEvents.call(audit, { customerId }))
    events.push(...stored.map(({ type, data }) => decodeAccountEvent(type, data)));
  return events;
}

/** Why a call was refused: what a program reads out of the status and its details. */
export interface Refusal {
  readonly status: string;
  /** `google.rpc.ErrorInfo.reason` */
  readonly reason: string;
  /** `google.rpc.ErrorInfo.metadata` */
  readonly numbers: Readonly<Record<string, string>>;
  /** Fields named by `google.rpc.BadRequest`. */
  readonly fields: readonly string[];
}

/** The refusal that a call must meet. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    return refusalIn(error);
  }
  throw new Error('the call was not refused');
}

/** The refusal in what a call threw; anything else is thrown on. */
export function refusalIn(error: unknown): Refusal {
  if (!(error instanceof CallFailed)) throw error;
  const { code, reason, metadata, cause } = error;
  const { metadata: trailers } = cause as { metadata: { get(name: string): readonly unknown[] } };
  const [trailer] = trailers.get(STATUS_DETAILS_TRAILER);
  const violations = trailer instanceof Buffer ? decodeStatusDetails(trailer).fieldViolations : [];
  const fields = violations.map(({ field }) => field);
  return { status: status[code] ?? String(code), reason, numbers: metadata, fields };
}

/** Matches a refusal by its reason and numbers; the status is that of the contract's table. */
export function refusedWith(reason: string, numbers: Readonly<Record<string, string>> = {}): Refusal {
  return { status: statusOf(reason), reason, numbers, fields: [] };
}

/** The contract's table. */
function statusOf(reason: string): string {
  if (reason.endsWith('_UNKNOWN')) return 'NOT_FOUND';
  if (/_(REUSED|TAKEN|EXISTS)$/.test(reason)) return 'ALREADY_EXISTS';
  if (/_(MALFORMED|INVALID)$/.test(reason) || reason === 'TIME_IN_FUTURE') return 'INVALID_ARGUMENT';
  return 'FAILED_PRECONDITION';
}

/** An instant as requests carry it: RFC 3339, or `2026-03-10`. */
export function time(text: string): rpc.Timestamp {
  return toTimestamp(instant(text.length === 10 ? `${text}T00:00:00Z` : text));
}

/** An instant of an answer. Null: not set. */
export function at(timestamp: rpc.Timestamp | null | undefined): Instant | null {
  return timestamp ? fromTimestamp(timestamp) : null;
}

export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;
export const DAY = 24 * HOUR;
