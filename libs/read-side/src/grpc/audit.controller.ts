import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { EMPTY, type Observable } from 'rxjs';
import type { rpc } from '#contracts';
import {
  callSignal,
  GrpcErrors,
  RequestFields,
  streamToCall,
  type CancellableCall,
  type WritableCall,
} from '#platform';
import { toldBalance } from '#projections';
import { unknownCustomer } from '../account/accounts.js';
import { readEvents, type ReadFrom } from '../audit/read-events.js';
import { balanceMessage } from '../messages/event-messages.js';
import type { ReadSide } from '../read-side.js';
import { READ_SIDE } from '../tokens.js';
import { bookRules, verifyAccount } from '../verify/verify-account.js';
import { quoted } from './quoted.js';
import { customerQuery } from './wallet-requests.js';

/** `purser.v1.AuditService`: the journal itself, and the verdict of a second set of books. */
@Controller()
@UseFilters(GrpcErrors)
export class AuditController {
  constructor(@Inject(READ_SIDE) private readonly readSide: ReadSide) {}

  @GrpcMethod('AuditService', 'ReadEvents')
  async readEvents(
    request: rpc.ReadEventsRequest,
    _metadata: unknown,
    call: WritableCall<rpc.ReadEventsResponse>,
  ): Promise<Observable<never>> {
    const { from, limit } = eventsQuery(request);
    await streamToCall(call, (signal) => readEvents(this.readSide.eventStore, from, limit, signal));
    return EMPTY;
  }

  @GrpcMethod('AuditService', 'VerifyAccount')
  async verifyAccount(
    request: rpc.VerifyAccountRequest,
    _metadata: unknown,
    call: CancellableCall,
  ): Promise<rpc.VerifyAccountResponse> {
    const { customerId } = customerQuery(request);
    const { eventStore, catalog } = this.readSide;
    const rules = bookRules(await catalog.refresh());
    const { events, revision, headHash, findings, findingCount, state } = await verifyAccount(
      eventStore,
      customerId,
      rules,
      callSignal(call),
    );
    if (events === 0 && findingCount === 0) throw unknownCustomer(customerId, 'has no account');
    return {
      clean: findingCount === 0,
      findings,
      eventsChecked: events,
      headHash,
      revision,
      wallets: Object.values(state.wallets).map((wallet) =>
        balanceMessage(wallet.creditSystem, toldBalance(wallet.balance)),
      ),
    };
  }
}

function eventsQuery(request: rpc.ReadEventsRequest): { from: ReadFrom; limit: number | undefined } {
  const fields = new RequestFields();
  const { fromRevision, afterPosition, limit } = request;
  if (limit < 0) fields.fault('limit', `must be 0 or more, got ${limit}`);
  if (fromRevision < 0) fields.fault('from_revision', `must be 0 or more, got ${fromRevision}`);
  const isPosition = /^\d{0,19}$/.test(afterPosition);
  if (!isPosition)
    fields.fault('after_position', `must be as an answer gave it, got ${quoted(afterPosition)}`);
  if (request.customerId !== '') {
    if (afterPosition !== '')
      fields.fault('after_position', 'cannot be given with a customer: use from_revision');
    fields.customerId(request.customerId);
  } else if (fromRevision !== 0) fields.fault('from_revision', 'can be given only with a customer');
  fields.done();
  const from: ReadFrom =
    request.customerId === ''
      ? { after: afterPosition === '' ? undefined : BigInt(afterPosition) }
      : { customerId: request.customerId, revision: fromRevision };
  return { from, limit: limit === 0 ? undefined : limit };
}
