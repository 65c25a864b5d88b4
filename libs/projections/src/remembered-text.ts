/**
 * Remembers the text of an object for as long as the object lives. State is immutable, so what is the same object has
 * the same text, and what an event leaves alone is the same object before and after.
 */
export function rememberedText<T extends object>(textOf: (value: T) => string): (value: T) => string {
  const texts = new WeakMap<T, string>();
  return (value) => {
    const known = texts.get(value);
    if (known !== undefined) return known;
    const text = textOf(value);
    texts.set(value, text);
    return text;
  };
}
