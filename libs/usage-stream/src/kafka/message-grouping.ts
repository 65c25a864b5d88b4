import type { Message } from 'kafkajs';

/**
 * The same messages in a list that kafkajs 2.2.4 divides by partition without copying. It reduces the list with a
 * step that makes a new list of all messages of a partition for each further one; here every step begins with no
 * list, and the one message that it answers with is added to those of its partition.
 */
export function quicklyGrouped<M extends Message>(messages: readonly M[]): M[] {
  type ByPartition = Record<string, M[]>;
  const list = [...messages];
  const reduce = (put: (none: ByPartition, message: M) => ByPartition, groups: ByPartition): ByPartition => {
    for (const message of list) {
      const one = put({}, message);
      for (const partition in one) (groups[partition] ??= []).push(message);
    }
    return groups;
  };
  return Object.defineProperty(list, 'reduce', { value: reduce });
}
