import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

/** Finds the position of a document's path in the text, through aliases and merge keys (`<<`). */

const MERGE_KEY = '<<';

function resolved(node: unknown, document: Document): Node | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  return (target ?? undefined) as Node | undefined;
}

const keyText = (pair: Pair): string => String(isScalar(pair.key) ? (pair.key.value ?? '') : pair.key);

function pairOf(map: YAMLMap, key: string, document: Document): Pair | undefined {
  const own = map.items.find((pair) => isPair(pair) && keyText(pair) === key);
  if (own !== undefined) return own;
  for (const pair of map.items.filter((candidate) => keyText(candidate) === MERGE_KEY)) {
    const merged = resolved(pair.value, document);
    const sources = isSeq(merged) ? merged.items.map((item) => resolved(item, document)) : [merged];
    for (const source of sources) {
      const found = isMap(source) ? pairOf(source, key, document) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const begin = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

/**
 * Offset of the key (`of: 'key'`) or value (`of: 'value'`) at the path. If part of the path is missing, the offset of
 * the last key that exists.
 */
export function offsetOf(document: Document, path: readonly PropertyKey[], of: 'key' | 'value'): number {
  let node = resolved(document.contents, document);
  let offset = begin(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = pairOf(node, String(step), document);
      if (pair === undefined) return offset;
      const key = begin(pair.key);
      // An empty value has no text to point to: use its key.
      const empty = isScalar(pair.value) && pair.value.source === '';
      offset = (last && of === 'value' && !empty ? begin(pair.value) : key) ?? key ?? offset;
      node = resolved(pair.value, document);
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (item === undefined) return offset;
      offset = begin(item) ?? offset;
      node = resolved(item, document);
    } else return offset;
  }
  return offset;
}
