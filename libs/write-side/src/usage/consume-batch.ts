import { decodeUsage, type UsageDecoding } from '#contracts';
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

/** Messages that had to be read before it was their turn, and what they say. */
type Read = Map<UsageMessage, UsageDecoding>;
type Refuse = (message: UsageMessage, reason: string, detail: string) => void;

/** One account's messages out of a batch. */
class AccountUsage implements AskedAccount {
  readonly messages: UsageMessage[] = [];
  /** Those of them that are usage, once they have been read. */
  usage: readonly UsageMessage[] = [];

  constructor(readonly customerId: string) {}

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
    const unkeyed: Read = new Map();
    await submitAll(parts.ledger, groupByAccount(batch.messages, unkeyed, refuse), {
      commands: (account) => readUsage(account, unkeyed, refuse),
      executed: ({ usage }, outcomes) => {
        counts.add(outcomes);
        outcomes.forEach((outcome, index) => {
          const message = usage[index];
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
function groupByAccount(messages: readonly UsageMessage[], unkeyed: Read, refuse: Refuse): AccountUsage[] {
  const accounts = new Map<string, AccountUsage>();
  for (const message of messages) {
    const customerId = customerOf(message, unkeyed, refuse);
    if (customerId === undefined) continue;
    let account = accounts.get(customerId);
    if (!account) accounts.set(customerId, (account = new AccountUsage(customerId)));
    account.messages.push(message);
  }
  return [...accounts.values()];
}

/** Only a message without a key has to be read for that. */
function customerOf(message: UsageMessage, unkeyed: Read, refuse: Refuse): string | undefined {
  const { key } = message;
  if (key !== null && key.length > 0) return key.toString('utf8');
  const decoded = decodeUsage(message);
  if ('ok' in decoded) {
    unkeyed.set(message, decoded);
    return decoded.ok.customerId;
  }
  refuse(message, decoded.malformed, decoded.detail);
  return undefined;
}

/** What an account is to be charged for; what is no usage is refused. */
function readUsage(account: AccountUsage, unkeyed: Read, refuse: Refuse): RecordUsage[] {
  const commands: RecordUsage[] = [];
  account.usage = account.messages.filter((message) => {
    const decoded = unkeyed.get(message) ?? decodeUsage(message);
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
