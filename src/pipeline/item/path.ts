/**
 * The position of a value in an item, as text: attribute names joined by `.`, with `[]` after a list or set for its
 * members, e.g. `prizes[].affiliations[].name`, and `[key]` after a map whose entries become rows. The path of the
 * item itself is the empty text. If items are routed to separate tables, the path of an item of the entity `orders`
 * is `[orders]`, and the paths in it start with that: `[orders].lines[].sku`.
 *
 * In a name, `.`, `[`, `%`, `"`, `\` and control characters are percent-encoded as in URLs: `%2E` for `.`. An empty
 * name is a single `%`, and the name `__proto__` is `%5F_proto__`. So paths and texts map one to one, and a path can
 * be the key of a JSON object: it is never `__proto__` and never needs an escape. JSON.parse can confuse an escaped
 * key with one it parsed earlier (https://github.com/nodejs/node/issues/63785).
 *
 * A `%` before a lower-case letter starts not an attribute but an aspect of the value at the path before it: see
 * `aspectPath`.
 */
export type Path = string;

export const ROOT: Path = '';

/** The path of attribute `name` of the item or map at `parent`. */
export function attributePath(parent: Path, name: string): Path {
  const step = escapeName(name);
  return parent === ROOT ? step : `${parent}.${step}`;
}

/** The path of the members of the list or set at `path`, and of the child table that holds them. */
export function memberPath(path: Path): Path {
  return `${path}[]`;
}

/** The path of the entries of the map at `path` that become rows, and of the child table that holds them. */
export function entryPath(path: Path): Path {
  return `${path}[key]`;
}

/** The path of an entity's items and of its root table. @param entity the name as configured */
export function entityPath(entity: string): Path {
  return `[${entity}]`;
}

/**
 * What gets a separate column beside the value: `super`, the value kept whole; `key`, the name of a map's entry;
 * `rest`, a row's values that have no column; `s`, `n`, `b` and `bool`, the values of one kind.
 */
const ASPECTS = ['super', 'key', 'rest', 's', 'n', 'b', 'bool'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** The path of an aspect of the value, or of the row, at `path`. */
export function aspectPath(path: Path, aspect: Aspect): Path {
  return path === ROOT ? `%${aspect}` : `${path}.%${aspect}`;
}

/** The path of the value that an aspect belongs to; any other path unchanged. */
export function withoutAspect(path: Path): Path {
  return path.replace(/\.?%[a-z]+$/, '');
}

export type Step =
  | { readonly name: string }
  | { readonly aspect: Aspect }
  | { readonly entity: string }
  | 'member'
  | 'entry';

const ENTITY = /^\[([^\]]+)\]\.?/;

/** The steps of a path, with names unescaped. */
export function stepsOf(path: Path): Step[] {
  const entity = ENTITY.exec(path);
  const steps: Step[] = entity === null ? [] : [{ entity: entity[1] as string }];
  for (const part of path.slice(entity?.[0].length ?? 0).split('.')) {
    const name = part.replace(/(?:\[(?:key)?\])+$/, '');
    const aspect = /^%([a-z]+)$/.exec(name)?.[1];
    if (aspect !== undefined) steps.push({ aspect: aspect as Aspect });
    else if (name !== '') steps.push({ name: unescapeName(name) });
    for (const level of part.slice(name.length).split(']').slice(0, -1)) {
      steps.push(level === '[' ? 'member' : 'entry');
    }
  }
  return steps;
}

/** The list, set and map levels above the rows of a table, the outermost first. */
export function levelsOf(table: Path): ('member' | 'entry')[] {
  return stepsOf(table).filter((step) => step === 'member' || step === 'entry');
}

/** The number of those levels, and so of the table's position columns (`_pos`, `_key`). */
export function memberLevels(path: Path): number {
  return levelsOf(path).length;
}

/** The depth of a value: 1 for an item's attribute, plus one for each map and list around it. */
export function depthOf(path: Path): number {
  return stepsOf(path).filter((step) => step === 'member' || step === 'entry' || 'name' in step).length;
}

/** Whether the rows of a table are whole items. */
export function isRoot(table: Path): boolean {
  return table === ROOT || ENTITY.exec(table)?.[0] === table;
}

/** The root table that the rows of `path` belong to. */
export function rootOf(path: Path): Path {
  return ENTITY.test(path) ? path.slice(0, path.indexOf(']') + 1) : ROOT;
}

/** The table that has the column of a value at `path`: the longest prefix of `path` that is a table, else the root. */
export function tableOf(path: Path): Path {
  const last = path.lastIndexOf('[');
  return last < 0 ? ROOT : path.slice(0, path.indexOf(']', last) + 1);
}

/** The table whose rows hold the list, set or map whose members are in `table`; undefined for a root. */
export function parentTable(table: Path): Path | undefined {
  return isRoot(table) ? undefined : tableOf(listOf(table));
}

/** The path of the list, set or map whose members are the rows of `table` (not a root). */
export function listOf(table: Path): Path {
  return table.slice(0, table.lastIndexOf('['));
}

/** What each position column of `table` is a position in, the outermost first: paths of lists, sets and maps. */
export function containersOf(table: Path): Path[] {
  const above = parentTable(table);
  return above === undefined ? [] : [...containersOf(above), listOf(table)];
}

/** Whether a value at `path` is the one at `above`, or in it. */
export function isAtOrBelow(path: Path, above: Path): boolean {
  if (isRoot(above)) return rootOf(path) === above;
  if (!path.startsWith(above)) return false;
  const next = path[above.length];
  return next === undefined || next === '.' || next === '[';
}

/** The steps from the rows of `table` to a value in them. */
export function stepsBelow(table: Path, path: Path): Step[] {
  return stepsOf(path).slice(stepsOf(table).length);
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
