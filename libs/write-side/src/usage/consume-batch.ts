import { decodeUsage } from '#contracts';
import type { RecordUsage, RejectionReason } from '#domain';
import type { Metrics } from '#platform';
import type { DeadLetter, DeadLetterSink, UsageBatch, UsageMessage } from '#usage-stream';
import type { Ledger } from '../account/ledger.js';
import { submitAll, type AskedAccount } from '../account/submit-all.js';
import { OutcomeCounts } from './outcome-counts.js';
import { usageCommand } from './usage-command.js';

export interface ConsumerParts {
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetterSink;
  readonly metrics: Metrics;
}

interface AccountUsage extends AskedAccount {
  size: number;
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
  const counts = new OutcomeCounts();
  try {
    await submitAll(parts.ledger, groupByAccount(batch.messages, refuse), {
      commands: ({ commands }) => commands,
      executed: ({ messages }, outcomes) => {
        counts.add(outcomes);
        outcomes.forEach((outcome, index) => {
          const message = messages[index];
          if (outcome.kind === 'rejected' && message)
            refuse(message, deadLetterReason(outcome.reason), outcome.message);
        });
        return undefined;
      },
      failed: (_, error) => {
        throw error;
      },
    });
  } finally {
    counts.report(parts.metrics);
  }
  if (letters.length > 0) await parts.deadLetters.send(letters);
  return batch.messages.at(-1)?.offset;
}

function groupByAccount(
  messages: readonly UsageMessage[],
  refuse: (message: UsageMessage, reason: string, detail: string) => void,
): AccountUsage[] {
  const accounts = new Map<string, AccountUsage>();
  for (const message of messages) {
    const decoded = decodeUsage(message);
    if ('malformed' in decoded) {
      refuse(message, decoded.malformed, decoded.detail);
      continue;
    }
    const { customerId } = decoded.ok;
    const command = usageCommand(decoded.ok, 'metered');
    const account = accounts.get(customerId);
    if (account) {
      account.messages.push(message);
      account.commands.push(command);
      account.size += 1;
    } else accounts.set(customerId, { customerId, size: 1, messages: [message], commands: [command] });
  }
  return [...accounts.values()];
}

/** `CUSTOMER_UNKNOWN` → `customer-unknown`: headers are in kebab case. */
function deadLetterReason(reason: RejectionReason): string {
  return reason.toLowerCase().replaceAll('_', '-');
}
