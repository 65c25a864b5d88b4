import { decodeUsage } from '#contracts';
import type { RecordUsage, RejectionReason } from '#domain';
import type { Metrics } from '#platform';
import type { DeadLetter, DeadLetterSink, UsageBatch, UsageMessage } from '#usage-stream';
import type { Ledger } from '../account/ledger.js';
import { usageCommand } from './usage-command.js';
import { countOutcomes } from './count-outcomes.js';

export interface ConsumerParts {
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetterSink;
  readonly metrics: Metrics;
}

interface AccountUsage {
  readonly messages: UsageMessage[];
  readonly commands: RecordUsage[];
}

/**
 * Gives every message of a batch a durable outcome: debited, known as a duplicate, or dead-lettered. One append
 * per account, different accounts side by side, an account's messages in their order. Returns the last offset,
 * or undefined when the partition was taken away before anything was begun.
 */
export async function consumeBatch(batch: UsageBatch, parts: ConsumerParts): Promise<bigint | undefined> {
  if (batch.isStale()) return undefined;
  const letters: DeadLetter[] = [];
  const refuse = (message: UsageMessage, reason: string, detail: string) => {
    parts.metrics.usageEvents.inc({ outcome: 'dead_letter' });
    letters.push({ message, reason, detail, origin: `${batch.topic}/${batch.partition}/${message.offset}` });
  };
  const accounts = groupByAccount(batch.messages, refuse);
  await Promise.all(
    [...accounts].map(async ([customerId, { messages, commands }]) => {
      const outcomes = await parts.ledger.submit(customerId, commands);
      countOutcomes(parts.metrics, outcomes);
      outcomes.forEach((outcome, index) => {
        const message = messages[index];
        if (outcome.kind === 'rejected' && message)
          refuse(message, deadLetterReason(outcome.reason), outcome.message);
      });
    }),
  );
  if (letters.length > 0) await parts.deadLetters.send(letters);
  return batch.messages.at(-1)?.offset;
}

function groupByAccount(
  messages: readonly UsageMessage[],
  refuse: (message: UsageMessage, reason: string, detail: string) => void,
): Map<string, AccountUsage> {
  const accounts = new Map<string, AccountUsage>();
  for (const message of messages) {
    const decoded = decodeUsage(message);
    if ('malformed' in decoded) {
      refuse(message, decoded.malformed, decoded.detail);
      continue;
    }
    const { customerId } = decoded.ok;
    let account = accounts.get(customerId);
    if (!account) accounts.set(customerId, (account = { messages: [], commands: [] }));
    account.messages.push(message);
    account.commands.push(usageCommand(decoded.ok, 'metered'));
  }
  return accounts;
}

/** `CUSTOMER_UNKNOWN` → `customer-unknown`: headers are in kebab case. */
function deadLetterReason(reason: RejectionReason): string {
  return reason.toLowerCase().replaceAll('_', '-');
}
