export interface GroupMember {
  /** From now on these partitions are this member's business, and no others. */
  assigned(partitions: readonly number[]): void;
}

/** Divides the partitions among the members, anew whenever one comes or goes, and keeps the committed offsets. */
export class MemoryGroup {
  readonly committed = new Map<number, bigint>();
  readonly #members: GroupMember[] = [];

  constructor(private readonly partitions: number) {}

  join(member: GroupMember): void {
    this.#members.push(member);
    this.rebalance();
  }

  leave(member: GroupMember): void {
    const index = this.#members.indexOf(member);
    if (index < 0) return;
    this.#members.splice(index, 1);
    this.rebalance();
  }

  /** Divides anew with the same members: each partition may move, every running batch becomes stale. */
  rebalance(): void {
    this.#members.push(...this.#members.splice(0, 1));
    this.#members.forEach((member, index) => {
      const mine = Array.from({ length: this.partitions }, (_, partition) => partition);
      member.assigned(mine.filter((partition) => partition % this.#members.length === index));
    });
  }
}
