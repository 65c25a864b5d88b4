import type { rpc } from '#contracts';
import { fromTimestamp } from '#contracts';
import { connectService } from '#platform';
import type { Books } from './prove.js';
import { CREDIT_SYSTEM } from './setup.js';

/** Wallets of some customers and the last transactions of the first, as lines for the terminal. */
export async function wallets(address: string, customers: readonly string[]): Promise<string[]> {
  const client = connectService<rpc.WalletService>('WalletService', address);
  const rows = await Promise.all(
    customers.map(async (customerId) => {
      const { wallet } = await client.call.getWallet({ customerId, creditSystem: CREDIT_SYSTEM });
      return wallet
        ? [customerId, wallet.totalAvailable, wallet.included, wallet.promotional, wallet.uncovered]
        : [];
    }),
  );
  const [first] = customers;
  const { transactions } = await client.call.listTransactions({ customerId: first, pageSize: 8 });
  client.close();
  return [
    ...table(['customer', 'available', 'included', 'promotional', 'uncovered'], rows),
    '',
    `last transactions of ${first ?? ''}`,
    ...table(
      ['time', 'type', 'feature', 'change', 'balance'],
      transactions.map(({ occurredAt, type, feature, change, uncovered, balance }) => [
        occurredAt ? fromTimestamp(occurredAt).slice(0, 19) : '',
        type.toLowerCase(),
        feature,
        type === 'UNCOVERED' ? `(${uncovered})` : moved(change),
        balance?.totalAvailable ?? '',
      ]),
    ),
  ];
}

/** The equation that has to hold, with its numbers. */
export function equation({
  granted,
  available,
  held,
  consumed,
  expired,
  uncovered,
  accounts,
  transactions,
}: Books): string[] {
  return [
    `${accounts} accounts, ${transactions} transactions, added up from their public histories:`,
    `  Σ granted ${granted} = available ${available} + held ${held} + consumed ${consumed} + expired ${expired}`,
    `  usage that no grant could pay: ${uncovered}`,
  ];
}

function moved(change: rpc.BalanceChange | null): string {
  const parts = [change?.included, change?.purchased, change?.promotional].filter(
    (part) => part && part !== '0',
  );
  return parts.join(' ') || '0';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (column < 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`;
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)];
}
