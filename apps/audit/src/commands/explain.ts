import {
  identityOf,
  initialAccount,
  usageIdentity,
  walletOf,
  type AccountEvent,
  type AccountState,
  type Amount,
  type Balance,
  type CreditsDebited,
  type DebitReversed,
  type Draw,
  type PricedUsage,
  type Unusable,
  type UsageUncovered,
} from '#domain';
import { foldJournaled, readAccount, type JournaledEvent } from '#journal';
import type { Arguments } from '../arguments.js';
import { findUsage, type FoundUsage, type UsageKey } from '../find-usage.js';
import { Progress } from '../output/progress.js';
import { printable } from '../output/rows.js';
import { EXIT, type Exit, type Run } from '../run.js';

/** What became of a usage event: its price, each draw with the grant it came from, and whatever was undone since. */
export async function explain({ names, customer }: Arguments, run: Run): Promise<Exit> {
  const [source = '', id = ''] = names;
  const key = { source, id };
  const progress = new Progress('searched', run.err, run.showProgress);
  let found = 0;
  for await (const place of findUsage(run.journal, key, customer, (events) => progress.add(events))) {
    progress.done();
    if (found > 0) await run.out('\n');
    found += 1;
    await explainAt(place, key, run);
  }
  progress.done();
  if (found > 0) return EXIT.ok;
  const where = customer === undefined ? 'any account' : `the account of ${JSON.stringify(customer)}`;
  run.err(`no usage event ${JSON.stringify(id)} of ${JSON.stringify(source)} in ${where}\n`);
  return EXIT.found;
}

async function explainAt({ customerId, revision }: FoundUsage, key: UsageKey, run: Run): Promise<void> {
  const identity = usageIdentity(key.source, key.id);
  let state = initialAccount;
  for await (const batch of readAccount(run.journal, customerId)) {
    for (const journaled of batch) {
      const { event } = journaled;
      if (journaled.revision >= revision && identityOf(event.cause) === identity) {
        for (const line of usageLines(journaled, state, journaled.revision === revision))
          await run.out(`${line}\n`);
      } else if (
        event.type === 'DebitReversed' &&
        usageIdentity(event.usage.source, event.usage.id) === identity
      ) {
        for (const line of reversalLines(event, journaled.revision)) await run.out(`${line}\n`);
      }
      // Closed grants stay in the state here: a draw may be from one that was closed by it.
      state = foldJournaled(state, journaled);
    }
  }
}

function usageLines(
  { event, customerId, revision }: JournaledEvent,
  before: AccountState,
  first: boolean,
): readonly string[] {
  if (event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') {
    return [`revision ${revision}: ${event.type}`];
  }
  return [
    ...(first ? priceLines(event.usage, event, customerId) : []),
    `revision ${revision}: ${event.type}, recorded at ${event.recordedAt}`,
    ...(event.type === 'CreditsDebited' ? debitLines(event, before) : uncoveredLines(event)),
  ];
}

function priceLines(
  usage: PricedUsage,
  { cause, occurredAt, creditSystem }: AccountEvent & { readonly creditSystem: string },
  customerId: string,
): readonly string[] {
  const { feature, quantity, creditCost, amount, plan, subscriptionId, mode, placedAt, dimensions } = usage;
  const sender = cause.kind === 'usage' ? `${cause.id} of ${cause.source}` : cause.kind;
  const extra = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return [
    `usage event ${sender}, customer ${customerId}`,
    `  ${quantity.toString()} × ${feature} at ${occurredAt}, ${mode}`,
    ...(extra.length > 0 ? [`  dimensions: ${extra.join(', ')}`] : []),
    `  priced by plan ${plan.id} version ${plan.version} (subscription ${subscriptionId}): ` +
      `${creditCost.toString()} ${creditSystem} per unit, ${amount.toString()} in all`,
    ...(placedAt === occurredAt ? [] : [`  burned as of ${placedAt}`]),
  ].map(printable);
}

function debitLines(event: CreditsDebited, before: AccountState): readonly string[] {
  const wallet = walletOf(before, event.creditSystem);
  const left = new Map(wallet.grants.map((grant) => [grant.grantId, grant]));
  const draws = event.draws.map(({ grantId, source, amount }) => {
    const grant = left.get(grantId);
    const until = grant?.expiresAt ? `until ${grant.expiresAt}` : 'never expires';
    const had = grant ? `${grant.available.toString()} were left` : 'which is not open';
    return printable(`  ${amount.toString()} from grant ${grantId} (${source}, ${until}; ${had})`);
  });
  return [
    ...draws,
    ...(event.uncovered.isZero ? [] : [`  ${event.uncovered.toString()} could not be paid`]),
    `  balance before: ${balanceText(wallet.balance)}`,
    `  balance after:  ${balanceAfter(event)}`,
  ];
}

function uncoveredLines(event: UsageUncovered): readonly string[] {
  const { uncovered, disposition } = event;
  const outcome = disposition === 'billable' ? 'to be billed (pay as you go)' : 'blocked by the plan';
  return [`  ${uncovered.toString()} uncovered, ${outcome}`, `  balance: ${balanceAfter(event)}`];
}

function reversalLines(event: DebitReversed, revision: number): readonly string[] {
  const { amount, reason, restored, uncovered, recordedAt } = event;
  return [
    printable(`revision ${revision}: reversed ${amount.toString()} at ${recordedAt}: ${reason}`),
    ...restored.map((draw: Draw) => printable(`  ${draw.amount.toString()} back to grant ${draw.grantId}`)),
    ...(uncovered.isZero ? [] : [`  ${uncovered.toString()} of what was uncovered written off`]),
    `  balance after:  ${balanceAfter(event)}`,
  ];
}

/** What an event says was there after it, and what of it could not be spent: of grants that had ended or not begun. */
function balanceAfter({ balance, unusable }: CreditsDebited | UsageUncovered | DebitReversed): string {
  const whole = balanceText(balance);
  return unusable ? `${whole}; of it cannot be used: ${totalOf(unusable).toString()}` : whole;
}

function totalOf({ included, purchased, promotional }: Unusable): Amount {
  return included.plus(purchased).plus(promotional);
}

function balanceText(balance: Balance): string {
  const { included, purchased, promotional, held } = balance;
  return (
    `${totalOf(balance).toString()} (included ${included.toString()}, purchased ${purchased.toString()}, ` +
    `promotional ${promotional.toString()}), held ${held.toString()}`
  );
}
