/** How often what became of which kind of command: whether a simulation meets what it is there to try. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  count(kind: string, outcome: string, times = 1): void {
    const outcomes = this.#counts.get(kind) ?? new Map<string, number>();
    this.#counts.set(kind, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + times));
  }

  add(other: Tally): void {
    for (const [kind, outcomes] of other.#counts)
      for (const [outcome, times] of outcomes) this.count(kind, outcome, times);
  }

  /** A line for each kind, its most frequent outcome first. */
  lines(): readonly string[] {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, outcomes]) => {
        const counts = [...outcomes].sort((a, b) => b[1] - a[1]).map(([name, times]) => `${name} ${times}`);
        return `${kind.padEnd(19)} ${counts.join(', ')}`;
      });
  }
}
