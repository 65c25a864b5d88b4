import { Amount } from '../../amount/index.js';
import type {
  AutoTopUpConfigured,
  AutoTopUpFailed,
  AutoTopUpRequested,
  AutoTopUpStopped,
} from '../events.js';
import type { AutoTopUp, TopUpInFlight, Wallet } from '../state.js';
import { askedWith } from '../auto-top-up/asked-on.js';

export function evolveAutoTopUp(
  wallet: Wallet,
  event: AutoTopUpConfigured | AutoTopUpRequested | AutoTopUpFailed | AutoTopUpStopped,
): Wallet {
  if (event.type === 'AutoTopUpConfigured') return { ...wallet, autoTopUp: configured(wallet, event) };
  const { autoTopUp } = wallet;
  if (autoTopUp === null) throw new Error(`${event.type} without auto top-up of ${wallet.creditSystem}`);
  switch (event.type) {
    case 'AutoTopUpRequested':
      return { ...wallet, autoTopUp: requested(autoTopUp, event) };
    case 'AutoTopUpFailed':
      return { ...wallet, autoTopUp: failed(autoTopUp, event) };
    case 'AutoTopUpStopped':
      return { ...wallet, autoTopUp: { ...autoTopUp, stopped: event.reason } };
  }
}

export function topUpSucceeded(wallet: Wallet): Wallet {
  const { autoTopUp } = wallet;
  if (autoTopUp === null) return wallet;
  return { ...wallet, autoTopUp: { ...autoTopUp, inFlight: null, consecutiveFailures: 0 } };
}

/** Configuring again is also how one that stopped is started again; what is in flight stays so. */
function configured({ autoTopUp }: Wallet, event: AutoTopUpConfigured): AutoTopUp {
  return {
    subscriptionId: event.subscriptionId,
    terms: event.terms,
    stopped: null,
    consecutiveFailures: 0,
    requests: autoTopUp?.requests ?? 0,
    inFlight: autoTopUp && stillInFlight(autoTopUp, event),
    askedOn: autoTopUp?.askedOn ?? { day: '', daily: Amount.zero, month: '', monthly: Amount.zero },
  };
}

/** What was asked for under another subscription is still bought under that one. */
function stillInFlight(
  { inFlight, subscriptionId }: AutoTopUp,
  event: AutoTopUpConfigured,
): TopUpInFlight | null {
  if (inFlight === null || subscriptionId === event.subscriptionId) return inFlight;
  return { ...inFlight, subscriptionId: inFlight.subscriptionId ?? subscriptionId };
}

function requested(autoTopUp: AutoTopUp, event: AutoTopUpRequested): AutoTopUp {
  const { requestId, quantity, plan, price } = event;
  return {
    ...autoTopUp,
    requests: autoTopUp.requests + 1,
    inFlight: { requestId, quantity, plan, price },
    askedOn: askedWith(autoTopUp.askedOn, quantity, event.occurredAt),
  };
}

/** A payment that failed bought nothing, so it does not count against the caps. */
function failed(autoTopUp: AutoTopUp, event: AutoTopUpFailed): AutoTopUp {
  const quantity = autoTopUp.inFlight?.quantity ?? Amount.zero;
  const { askedOn } = autoTopUp;
  return {
    ...autoTopUp,
    inFlight: null,
    consecutiveFailures: event.consecutiveFailures,
    askedOn: {
      ...askedOn,
      daily: askedOn.daily.minus(quantity),
      monthly: askedOn.monthly.minus(quantity),
    },
  };
}
