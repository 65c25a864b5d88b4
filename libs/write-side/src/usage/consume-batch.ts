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

type Refuse = (message: UsageMessage, reason: string, detail: string) => void;

/** One account's messages out of a batch; once they have been read, those of them that are usage. */
class AccountUsage implements AskedAccount {
  constructor(
    readonly customerId: string,
    public messages: UsageMessage[],
  ) {}

  get size(): number {
    return this.messages.length;
  }
}

/**
 * Gives every message of a batch a durable outcome: debited, known as a duplicate, or dead-lettered. One append
 * per account, different accounts side by side, an account's messages in their order. Returns the last offset,
 * or undefined when the partition was taken away before anything was begun.
 */
export async function consumeBatch(batch: UsageBatch, parts: ConsumerParts): Promise<bigint | undefined> {
  if (batch.isStale()) return undefined;
  const letters: DeadLetter[] = [];
  const refuse: Refuse = (message, reason, detail) => {
    parts.metrics.usageEvents.inc({ outcome: 'dead_letter' });
    letters.push({ message, reason, detail, origin: `${batch.topic}/${batch.partition}/${message.offset}` });
  };
  const counts = new OutcomeCounts();
  try {
    await submitAll(parts.ledger, groupByAccount(batch.messages, refuse), {
      commands: (account) => readUsage(account, refuse),
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

/**
 * Whose usage each message brings, for which its key is enough: usage of somebody else than the key names is refused
 * when it is read. So thousands of messages can wait for their account's turn as the bytes they came in.
 */
function groupByAccount(messages: readonly UsageMessage[], refuse: Refuse): AccountUsage[] {
  const accounts = new Map<string, AccountUsage>();
  for (const message of messages) {
    const customerId = customerOf(message, refuse);
    if (customerId === undefined) continue;
    const account = accounts.get(customerId);
    if (account) account.messages.push(message);
    else accounts.set(customerId, new AccountUsage(customerId, [message]));
  }
  return [...accounts.values()];
}

/** Only a message without a key, of which there are few, has to be read for that. */
function customerOf(message: UsageMessage, refuse: Refuse): string | undefined {
  const { key } = message;
  if (key !== null && key.length > 0) return key.toString('utf8');
  const decoded = decodeUsage(message);
  if ('ok' in decoded) return decoded.ok.customerId;
  refuse(message, decoded.malformed, decoded.detail);
  return undefined;
}

/** What an account is to be charged for; what is no usage is refused, and no longer among its messages. */
function readUsage(account: AccountUsage, refuse: Refuse): RecordUsage[] {
  const commands: RecordUsage[] = [];
  account.messages = account.messages.filter((message) => {
    const decoded = decodeUsage(message);
    if ('ok' in decoded) commands.push(usageCommand(decoded.ok, 'metered'));
    else refuse(message, decoded.malformed, decoded.detail);
    return 'ok' in decoded;
  });
  return commands;
}

/** `CUSTOMER_UNKNOWN` → `customer-unknown`: headers are in kebab case. */
function deadLetterReason(reason: RejectionReason): string {
  return reason.toLowerCase().replaceAll('_', '-');
}
