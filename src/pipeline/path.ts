/**
 * Where a value stands in an item, as text: attribute names joined by `.`, `[]` after a list or set for its
 * members, e.g. `prizes[].affiliations[].name`. The item itself is the empty text.
 *
 * In a name, `.`, `[`, `%`, `"`, `\` and control characters are written as in URLs, `%2E` for `.`; an empty name
 * is `%` alone, and the name `__proto__` is `%5F_proto__`. So every path has one text and every text one path, and
 * a path can be the key of a JSON object: it is never `__proto__` and never needs an escape. JSON.parse can read
 * an escaped key as another one it met before (https://github.com/nodejs/node/issues/63785).
 */
export type Path = string;

export const ROOT: Path = '';

/** The path of attribute `name` of the item or map at `parent`. */
export function attributePath(parent: Path, name: string): Path {
  const step = escapeName(name);
  return parent === ROOT ? step : `${parent}.${step}`;
}

/** The path of the members of the list or set at `path`; it is also the path of the child table they make. */
export function memberPath(path: Path): Path {
  return `${path}[]`;
}

export type Step = { readonly name: string } | 'member';

/** The steps of a path, names unescaped. */
export function stepsOf(path: Path): Step[] {
  const steps: Step[] = [];
  for (const part of path.split('.')) {
    const name = part.replace(/(?:\[\])+$/, '');
    if (name !== '') steps.push({ name: unescapeName(name) });
    for (let i = name.length; i < part.length; i += 2) steps.push('member');
  }
  return steps;
}

/** How many list or set levels a path goes through: the number of `_pos` columns of that table. */
export function memberLevels(path: Path): number {
  return stepsOf(path).filter((step) => step === 'member').length;
}

/** The table a list or set at `path` hangs from: the longest prefix of `path` that ends in `[]`, else the root. */
export function tableOf(path: Path): Path {
  const last = path.lastIndexOf('[');
  return last < 0 ? ROOT : path.slice(0, last + 2);
}

/** The table whose rows hold the list or set that made `table`; undefined for the root. */
export function parentTable(table: Path): Path | undefined {
  return table === ROOT ? undefined : tableOf(listOf(table));
}

/** The path of the list or set whose members are the rows of `table` (not the root). */
export function listOf(table: Path): Path {
  return table.slice(0, -2);
}

function escapeName(name: string): string {
  if (name === '') return '%';
  if (name === '__proto__') return '%5F_proto__';
  return name.replace(/[.[%"\\]|\p{Cc}/gu, (c) => `%${HEX[c.charCodeAt(0)]}`);
}

function unescapeName(name: string): string {
  if (name === '%') return '';
  return name.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `00` to `FF`: the last control character is U+009F. */
const HEX = Array.from({ length: 256 }, (_, code) => code.toString(16).toUpperCase().padStart(2, '0'));
