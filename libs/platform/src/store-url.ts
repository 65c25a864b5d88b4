/** The stores that there are adapters for. */
const KINDS = {
  'event store': { form: /^(sqlite:|esdb(\+discover)?:\/\/)/, problem: 'must begin with sqlite: or esdb://' },
  'read store': { form: /^(sqlite:|postgres(ql)?:\/\/)/, problem: 'must begin with sqlite: or postgres://' },
};

/** What is wrong with the URL of a store, whoever it was given by; undefined when nothing is. */
export function storeUrlProblem(store: keyof typeof KINDS, url: string): string | undefined {
  const { form, problem } = KINDS[store];
  if (!form.test(url)) return problem;
  if (['', ':memory:'].includes(sqlitePath(url) ?? 'no SQLite'))
    return 'must name a file: in memory each thread would have a store of its own';
  return undefined;
}

/** Undefined: the URL names a server. */
export function sqlitePath(url: string): string | undefined {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length).trim() : undefined;
}
