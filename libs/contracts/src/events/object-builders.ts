/** Makes an object of the values of its members, in their order; those of members left out are not looked at. */
export type Builder = (values: readonly unknown[]) => object;

/** Bits of a number that tells which members are left out. */
const MAX_MEMBERS = 31;

/** Builders of the objects of one shape, by the members that they leave out. */
export class ObjectBuilders {
  readonly #names: readonly string[];
  readonly #whole: Builder;
  readonly #partial = new Map<number, Builder>();

  constructor(names: readonly string[]) {
    if (names.length > MAX_MEMBERS) throw new TypeError(`no reader for objects of ${names.length} members`);
    this.#names = names;
    this.#whole = this.#compile(0);
  }

  without(leftOut: number): Builder {
    if (leftOut === 0) return this.#whole;
    const known = this.#partial.get(leftOut);
    if (known !== undefined) return known;
    const builder = this.#compile(leftOut);
    this.#partial.set(leftOut, builder);
    return builder;
  }

  /** As a literal: put together in a loop over the names, an event would take a sixth longer to read. */
  #compile(leftOut: number): Builder {
    const members = this.#names.map((name, index) =>
      (leftOut & (1 << index)) === 0 ? `${JSON.stringify(name)}:values[${index}],` : '',
    );
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- there is nothing in it but names of our own schemas
    return new Function('values', `return {${members.join('')}}`) as Builder;
  }
}
