import { type Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { ConfigProblem } from './config-error.ts';

export const PROTO = '__proto__';

/**
 * Finds `__proto__` as a key anywhere in the file. As a key of a JavaScript object it names the object's prototype, so
 * parsers drop it: the setting would silently not exist.
 */
export function protoProblems(document: Document): ConfigProblem[] {
  return problemsIn(document.contents, []);
}

type Path = readonly (string | number)[];

function problemsIn(node: Node | null, path: Path): ConfigProblem[] {
  if (isSeq(node)) return node.items.flatMap((item, i) => problemsIn(item as Node, [...path, i]));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const here = [...path, name];
    const own =
      name === PROTO
        ? [{ path: here, offset: (key as Node).range?.[0] ?? 0, message: `expected ${instead(path)}` }]
        : [];
    return [...own, ...problemsIn(value as Node | null, here)];
  });
}

/** `pipelines.<name>.mapping.columns` and `tables` have paths as keys, in which the name can be escaped. */
const instead = ([, , section, map]: Path) =>
  section === 'mapping' && (map === 'columns' || map === 'tables')
    ? '%5F_proto__: so is the name __proto__ written in paths'
    : 'another name: JavaScript reserves __proto__, so such a key would be lost';
