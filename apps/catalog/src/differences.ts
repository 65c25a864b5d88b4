/** What is different between two values that JSON can write, one line each: `credits[ai-tokens].minQuantity: 5 → 10`. */
export function differences(before: unknown, after: unknown): readonly string[] {
  const old = flatten(before);
  const now = flatten(after);
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  const lines = paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    if (was === undefined) return [`${path}: ${is ?? ''} (new)`];
    return [`${path}: ${is === undefined ? `${was} (gone)` : `${was} → ${is}`}`];
  });
  const moved = lines.length === 0 && JSON.stringify(before) !== JSON.stringify(after);
  return moved ? ['another order of the same entries'] : lines;
}

/** Leaves by path; null says nothing, and what a list holds is named by what it is about. */
function flatten(value: unknown): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const visit = (node: unknown, path: string): void => {
    if (node === null || node === undefined) return;
    if (Array.isArray(node))
      node.forEach((item, index) => {
        visit(item, `${path}[${nameOf(item) ?? index}]`);
      });
    else if (typeof node === 'object') {
      for (const [name, member] of Object.entries(node))
        visit(member, path === '' ? name : `${path}.${name}`);
    } else leaves.set(path, typeof node === 'string' ? node : JSON.stringify(node));
  };
  // Amounts become texts.
  visit(JSON.parse(JSON.stringify(value)), '');
  return leaves;
}

function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { feature, creditSystem } = item as { feature?: unknown; creditSystem?: unknown };
  if (typeof feature === 'string') return feature;
  return typeof creditSystem === 'string' ? creditSystem : undefined;
}
