import { setTimeout as delay } from 'node:timers/promises';
import { openEventStore } from '#adapters';
import { toTimestamp } from '#contracts';
import { Amount, instantFromMs } from '#domain';
import { KafkaEventPublisher } from '#usage-stream/kafka';
import { cloudEvent, usageMessage, type DayUsage } from '../../demo/day.js';
import { seeded } from '../../support/random.js';
import { readTruth, usageKey, type LedgerTruth } from '../checks/ledger-truth.js';
import type { Play, Scenario } from '../scenario.js';
import type { Stage } from '../stage/stage.js';
import { isRefusedByRule, LedgerCaller } from '../traffic/calls.js';
import type { Produced, ProducedGrant, ProducedUsage } from '../traffic/produced.js';
import { CREDIT_SYSTEM, loadFaultPlans, subscribeCustomers } from '../traffic/setup.js';

/** Credits that one unit costs (plans.yaml). */
const COST = 7;

/** One account with some credits, and more demand for them than there is. */
interface Rush {
  readonly customerId: string;
  /** Tenths of a credit. */
  readonly tenths: number;
  readonly synchronous: readonly ProducedUsage[];
  readonly metered: readonly ProducedUsage[];
  /** A ledger process dies in the middle of it. */
  readonly kill: boolean;
}

export const hardStop: Scenario = {
  name: 'hard-stop',
  promise: 'lets exactly floor(C/k) debits through when many processes spend one account’s C credits at once',
  shortRounds: 4,
  share: 0.1,
  run: async (play) => {
    const eventStore = play.seed % 2 === 0 ? 'eventstoredb' : 'sqlite';
    const stage = await play.stage({ ledgers: 3, queries: 1, eventStore, readStore: 'sqlite' });
    const addresses = stage.ledgers.map(({ grpcAddress }) => grpcAddress);
    await loadFaultPlans(addresses[0] ?? '');
    const caller = new LedgerCaller(addresses, seeded(play.seed));
    const publisher = new KafkaEventPublisher({ connection: { brokers: stage.brokers } });
    const rushes: Rush[] = [];
    const grants: ProducedGrant[] = [];
    for (let round = 1; round <= play.rounds; round++) {
      const rush = inventRush(play, stage.options.run, round);
      rushes.push(rush);
      grants.push(await prepare(rush, caller, addresses[0] ?? ''));
      if (rush.kill) play.tally.killed('ledger');
      await spend(rush, { stage, caller, publisher });
      play.say(`round ${round}: ${inWords(rush)}`);
    }
    caller.close();
    await publisher.close();
    await play.check(stage, producedBy(rushes, grants, caller.repeats));
    const truth = await truthOf(stage);
    const faults = rushes.flatMap((rush) => judge(rush, truth));
    if (faults.length > 0) throw new Error(`${faults.length} faults:\n${faults.slice(0, 20).join('\n')}`);
  },
};

function inventRush({ random }: Play, run: string, round: number): Rush {
  const customerId = `${run}-rush-${round}`;
  const tenths = 300 + random.below(2_500);
  const units = Math.floor(tenths / (COST * 10));
  const usage = (n: number): DayUsage => ({
    customerId,
    source: 'rush',
    id: `${round}-${n}`,
    feature: 'unit',
    quantity: '1',
    time: instantFromMs(Date.now()),
    dimensions: {},
  });
  const asking = units + 10 + random.below(40);
  const metered = round % 2 === 0 ? 10 + random.below(20) : 0;
  return {
    customerId,
    tenths,
    synchronous: Array.from({ length: asking }, (_, n) => ({ usage: usage(n), kind: 'synchronous' })),
    metered: Array.from({ length: metered }, (_, n) => ({ usage: usage(asking + n), kind: 'metered' })),
    kill: round % 4 === 3 || round % 4 === 0,
  };
}

async function prepare(rush: Rush, caller: LedgerCaller, address: string): Promise<ProducedGrant> {
  const { customerId, tenths } = rush;
  await subscribeCustomers(address, [customerId], 'fault-hard-stop');
  const grant: ProducedGrant = {
    customerId,
    key: 'the-credits',
    amount: `${Math.floor(tenths / 10)}.${tenths % 10}`,
    effectiveAt: instantFromMs(Date.now()),
    expiresAt: undefined,
  };
  await caller.ask((calls, options) =>
    calls.grantCredits(
      {
        customerId,
        idempotencyKey: grant.key,
        creditSystem: CREDIT_SYSTEM,
        amount: grant.amount,
        reason: 'all there is',
        actor: 'faults',
        effectiveAt: toTimestamp(grant.effectiveAt),
      },
      options,
    ),
  );
  return grant;
}

interface Means {
  readonly stage: Stage;
  readonly caller: LedgerCaller;
  readonly publisher: KafkaEventPublisher;
}

/** Everybody at once, over every process and both ways in. */
async function spend({ synchronous, metered, kill }: Rush, means: Means): Promise<void> {
  const { stage, caller, publisher } = means;
  const asking = synchronous.map((produced) => ask(produced, caller));
  const sending = publisher.publish(
    metered.map(({ usage }) => ({ topic: stage.topic, key: usage.customerId, value: cloudEvent(usage) })),
  );
  const [victim] = stage.ledgers;
  if (kill && victim) {
    await delay(30);
    await victim.kill();
    await victim.start();
  }
  await Promise.all([...asking, sending]);
  // The account of the next round is opened through the process that was killed.
  if (kill) await victim?.untilReady();
}

async function ask(produced: ProducedUsage, caller: LedgerCaller): Promise<void> {
  const request = { usage: usageMessage(produced.usage), mode: 'SYNCHRONOUS' } as const;
  try {
    await caller.ask((calls, options) => calls.recordUsage(request, options));
    produced.answer = 'debited';
  } catch (error) {
    if (!isRefusedByRule(error)) throw error;
    produced.answer = 'refused';
  }
}

/** Units that were paid in full, and whether they are exactly as many as there were credits for. */
function judge({ customerId, tenths, synchronous, metered }: Rush, truth: LedgerTruth): string[] {
  const affordable = Math.floor(tenths / (COST * 10));
  const cost = Amount.parse(String(COST));
  const paid = [...synchronous, ...metered].filter(({ usage }) => {
    return truth.usages.get(usageKey(usage))?.paid.equals(cost) ?? false;
  }).length;
  const answered = synchronous.filter(({ answer }) => answer === 'debited').length;
  const faults: string[] = [];
  if (paid !== affordable) {
    faults.push(`${customerId}: ${tenths / 10} credits pay for ${affordable} units, but ${paid} were paid`);
  }
  if (metered.length === 0 && answered !== affordable) {
    faults.push(`${customerId}: ${affordable} debits had to succeed, ${answered} were answered so`);
  }
  return faults;
}

function producedBy(rushes: readonly Rush[], grants: readonly ProducedGrant[], repeats: number): Produced {
  return {
    customers: rushes.map(({ customerId }) => customerId),
    usages: rushes.flatMap(({ synchronous, metered }) => [...synchronous, ...metered]),
    grants,
    refused: [],
    messages: rushes.reduce((sum, { metered }) => sum + metered.length, 0),
    surprises: [],
    repeats,
  };
}

async function truthOf(stage: Stage): Promise<LedgerTruth> {
  const store = openEventStore(stage.eventStoreUrl, { readonly: true });
  try {
    return await readTruth(store);
  } finally {
    await store.close();
  }
}

function inWords({ tenths, synchronous, metered, kill }: Rush): string {
  const answered = synchronous.filter(({ answer }) => answer === 'debited').length;
  return (
    `${tenths / 10} credits at ${COST}: ${answered} of ${synchronous.length} synchronous debits` +
    (metered.length > 0 ? `, beside ${metered.length} metered ones` : '') +
    (kill ? ', a ledger killed in between' : '')
  );
}
