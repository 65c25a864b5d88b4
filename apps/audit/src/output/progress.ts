const EVERY_MS = 200;

/** One line on the terminal that says how far a long run is; nothing where nobody looks. */
export class Progress {
  #count = 0;
  #shownAt = 0;
  readonly #startedAt = performance.now();

  constructor(
    private readonly what: string,
    private readonly err: (text: string) => void,
    private readonly show: boolean,
    private readonly unit = 'events',
  ) {}

  get count(): number {
    return this.#count;
  }

  add(count: number): void {
    this.#count += count;
    const now = performance.now();
    if (!this.show || now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    this.err(`\r${this.#line()}   `);
  }

  /** Takes the line away. */
  done(): void {
    if (this.show && this.#shownAt > 0) this.err(`\r${' '.repeat(this.#line().length + 3)}\r`);
  }

  #line(): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const perSecond = seconds > 0 ? Math.round(this.#count / seconds) : 0;
    return `${this.what}: ${this.#count.toLocaleString('en')} ${this.unit}, ${perSecond.toLocaleString('en')}/s`;
  }
}
