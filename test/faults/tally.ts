import { NO_OUTCOMES, outcomesInWords, sumOf, type Outcomes } from './checks/outcomes.js';

/** What a run did to its processes and servers, and what became of all that was produced meanwhile. */
export class Tally {
  readonly #killed = new Map<string, number>();
  readonly #otherwise = new Map<string, number>();
  #outcomes = NO_OUTCOMES;
  #audited = 0;

  /** SIGKILL. */
  killed(what: string): void {
    add(this.#killed, what);
  }

  /** Anything else that went wrong: "ledger asleep". */
  troubled(how: string): void {
    add(this.#otherwise, how);
  }

  /** A deployment came to rest, and was checked. */
  settled(outcomes: Outcomes, { auditClean }: { readonly auditClean: boolean }): void {
    this.#outcomes = sumOf(this.#outcomes, outcomes);
    if (auditClean) this.#audited += 1;
  }

  get outcomes(): Outcomes {
    return this.#outcomes;
  }

  get kills(): number {
    return total(this.#killed);
  }

  get troubles(): number {
    return total(this.#killed) + total(this.#otherwise);
  }

  /** For the end of a run. */
  lines(): string[] {
    return [
      `killed with SIGKILL: ${inWords(this.#killed)}`,
      `other trouble: ${inWords(this.#otherwise)}`,
      outcomesInWords(this.#outcomes),
      `audit verify and audit rebuild clean: ${this.#audited} times`,
    ];
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function inWords(counts: ReadonlyMap<string, number>): string {
  const each = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  return `${total(counts)} times${each.length === 0 ? '' : ` (${each.join(', ')})`}`;
}
