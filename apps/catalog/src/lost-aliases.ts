import { isAlias, visit, type Alias, type Document } from 'yaml';

/** Every alias before which no anchor of its name stands. */
export function lostAliases(document: Document): readonly Alias[] {
  const lost: Alias[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
      } else if (!anchors.has(node.source)) lost.push(node);
    },
  });
  return lost;
}
