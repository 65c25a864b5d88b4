import { walletView, type Grant, type WalletView } from '#domain';
import { LiveCatalog } from '#journal';
import { systemClock } from '#platform';
import { accountAsOf, type ReadAccount } from '#read-side';
import type { Arguments } from '../arguments.js';
import { printable, rowWriter, type Column } from '../output/rows.js';
import { EXIT, type Exit, type Run } from '../run.js';
import { WrongArguments } from '../wrong-arguments.js';

/** The wallets of a customer at a recorded time, folded from the events alone. */
export async function balance({ names, at, format }: Arguments, run: Run): Promise<Exit> {
  const [customerId = ''] = names;
  const now = systemClock.now();
  if (at !== undefined && at > now)
    throw new WrongArguments(`--at ${at} is still to come: what a wallet will hold then is not recorded`);
  const asOf = at ?? now;
  const account = await accountAsOf(run.journal, new LiveCatalog(run.journal), customerId, asOf);
  if (!account) {
    run.err(`customer ${JSON.stringify(customerId)} had no account at ${asOf}\n`);
    return EXIT.found;
  }
  const wallets = Object.keys(account.state.wallets)
    .sort()
    .map((creditSystem) => walletView(account.state, creditSystem, asOf));
  const rows = rowWriter(format, WALLET_COLUMNS, (view) => json(view, account), run.out);
  await rows.begin();
  for (const view of wallets) await rows.row(view);
  if (format === 'table') await showGrants(wallets, run);
  return EXIT.ok;
}

const WALLET_COLUMNS: readonly Column<WalletView>[] = [
  { title: 'wallet', width: 16, text: ({ creditSystem }) => creditSystem },
  { title: 'available', width: 14, align: 'right', text: (view) => view.totalAvailable.toString() },
  { title: 'included', width: 14, align: 'right', text: (view) => view.included.toString() },
  { title: 'purchased', width: 14, align: 'right', text: (view) => view.purchased.toString() },
  { title: 'promotional', width: 14, align: 'right', text: (view) => view.promotional.toString() },
  { title: 'held', width: 12, align: 'right', text: (view) => view.held.toString() },
  { title: 'pending expiry', width: 14, align: 'right', text: (view) => view.pendingExpiry.toString() },
  { title: 'uncovered', width: 12, align: 'right', text: ({ uncovered }) => uncovered.total.toString() },
];

async function showGrants(wallets: readonly WalletView[], { out }: Run): Promise<void> {
  for (const { creditSystem, grants } of wallets) {
    if (grants.length === 0) continue;
    await out(`\ngrants of ${printable(creditSystem)}, in burn-down order\n`);
    for (const grant of grants) await out(`  ${grantText(grant)}\n`);
  }
}

/** A grant in one line. */
function grantText(grant: Grant): string {
  const { granted, available, held, consumed, expired, voided, rolledOver } = grant;
  const parts = { held, consumed, expired, voided, 'rolled over': rolledOver };
  const others = Object.entries(parts)
    .filter(([, amount]) => !amount.isZero)
    .map(([name, amount]) => `${amount.toString()} ${name}`);
  const until = grant.expiresAt === null ? 'never expires' : `until ${grant.expiresAt}`;
  const whole = [`${available.toString()} of ${granted.toString()} available`, ...others].join(', ');
  return `${printable(grant.grantId)}  ${grant.source} (${grant.origin.kind}), ${until}: ${whole}`;
}

function json(view: WalletView, { customerId, at, revision }: ReadAccount): string {
  return JSON.stringify({ customerId, asOf: at, revision, ...view });
}
