import { z } from 'zod';
import { aspectPath, attributePath, isRoot, type Path, type Step, stepsBelow } from '../../item/path.ts';
import type { Seen, TableSeen } from '../../seen/seen.ts';

/**
 * A map that looks like a dictionary: its names are data, such as the ids of users. With `asRows`, its entries become
 * the rows of one table. Otherwise every name becomes columns, and every list below a name a table. It is only a hint:
 * an operator decides.
 */
export const LikelyDictionary = z.object({
  path: z.string(),
  /** How many different names were seen. */
  names: z.number().int().nonnegative(),
  /** How many tables are below it. */
  tables: z.number().int().nonnegative(),
  /** Not everything was seen: there may be more names and tables. */
  atLeast: z.literal(true).optional(),
  /** The map is somewhere inside the value at `path`: see `withoutInnerNames`. */
  inside: z.literal(true).optional(),
});
export type LikelyDictionary = z.infer<typeof LikelyDictionary>;

/** A map with fewer names seldom does harm, and more often is a structure. */
const MIN_NAMES = 50;
/** A map with this many names is a dictionary however common they are. */
const CERTAIN_NAMES = 500;
/** The names of a dictionary are rare: half of them are in at most this share of the table's rows. */
const RARE_SHARE = 0.1;
/** The values of a dictionary are alike: at least this share of them are scalars, or lists, or maps. */
const ALIKE_SHARE = 0.8;
/**
 * A rare map of many attributes is not a dictionary if its names are about equally common: half of them at least this
 * share as common as the commonest, which was seen this often.
 */
const EQUAL_SHARE = 0.75;
const EQUAL_ROWS = 20;
/** The most that are reported. */
const MOST_REPORTED = 5;

/**
 * The maps that look like dictionaries, those with the most tables and names first. Of nested ones, only the outermost.
 *
 * A map is one if it has 50 or more different names, at least 80% of whose values are alike (scalars, or lists, or
 * maps), and
 * - it has 500 or more names, or
 * - half of its names are each in at most 10% of the rows of its table, unless the names are about equally common: then
 *   the map is a rare structure.
 * @param seen what a sample or all items showed. Only paths with columns count, so with `_rest` a sample shows more
 * @param isSample other items may have more names
 */
export function likelyDictionaries(
  seen: Seen,
  { isSample }: { readonly isSample: boolean },
): LikelyDictionary[] {
  const found: LikelyDictionary[] = [];
  const below = tablesBelow(seen);
  for (const [table, ofTable] of Object.entries(seen.tables)) {
    const isCutOff = isSample || isCut(table, ofTable);
    for (const map of mapsOf(table, ofTable)) {
      if (!isDictionary(map, ofTable.rows)) continue;
      found.push(described(map, below.get(map.path) ?? 0, isCutOff));
    }
  }
  return outermost(found);
}

/** The maps with the most tables below them, whether they look like dictionaries or not. */
export function mapsOfMostTables(seen: Seen): LikelyDictionary[] {
  const below = tablesBelow(seen);
  const found: LikelyDictionary[] = [];
  for (const [table, ofTable] of Object.entries(seen.tables)) {
    for (const map of mapsOf(table, ofTable)) {
      const tables = below.get(map.path) ?? 0;
      if (tables > 1) found.push(described(map, tables, isCut(table, ofTable)));
    }
  }
  return outermost(found);
}

const described = ({ path, names }: MapSeen, tables: number, isCutOff: boolean): LikelyDictionary => ({
  path,
  names: names.size,
  tables,
  ...(isCutOff ? { atLeast: true } : {}),
});

/** Whether the table has values at paths that are not listed. */
function isCut(table: Path, { scalars, bytes, summarised }: TableSeen): boolean {
  const rest = aspectPath(table, 'rest');
  return summarised === true || Object.hasOwn(scalars, rest) || Object.hasOwn(bytes, rest);
}

/** Everything in either, with the larger figures: exact if those of either are, and the other saw no more. */
export function mergeDictionaries(
  a: readonly LikelyDictionary[],
  b: readonly LikelyDictionary[],
): LikelyDictionary[] {
  const merged = new Map<Path, LikelyDictionary>();
  for (const each of [...a, ...b]) {
    const known = merged.get(each.path);
    merged.set(each.path, known === undefined ? each : larger(known, each));
  }
  return outermost([...merged.values()]);
}

function larger(a: LikelyDictionary, b: LikelyDictionary): LikelyDictionary {
  const names = Math.max(a.names, b.names);
  const tables = Math.max(a.tables, b.tables);
  const isExact = [a, b].some((each) => each.atLeast === undefined && each.names === names);
  const { atLeast: _, ...same } = { ...a, ...b, names, tables };
  return isExact ? same : { ...same, atLeast: true };
}

/**
 * The same for messages without values: paths below an attribute of the item are cut after it, because the map around a
 * dictionary may be one as well, though it does not look like one, and its names keys of the data.
 */
export function withoutInnerNames(dictionaries: readonly LikelyDictionary[]): LikelyDictionary[] {
  const cut = dictionaries.map((each): LikelyDictionary => {
    const path = outermostPath(each.path);
    return path === each.path ? each : { ...each, path, inside: true };
  });
  return mergeDictionaries(cut, []);
}

/** `members (1000 different names, 1000 tables)`. */
export function dictionaryText({ path, names, tables, atLeast, inside }: LikelyDictionary): string {
  return `${inside ? 'a map inside ' : ''}${path} (${atLeast ? 'at least ' : ''}${names} different names${tables > 1 ? `, ${tables} tables` : ''})`;
}

/** The settings in YAML, on one line: `mapping: { columns: { "members": { asRows: true } } }`. */
export function asRowsSetting(dictionaries: readonly Pick<LikelyDictionary, 'path' | 'inside'>[]): string {
  // A path needs no escape in double quotes: see path.ts.
  const columns = dictionaries.map(
    ({ path, inside }) => `"${path}${inside ? '.<name>' : ''}": { asRows: true }`,
  );
  return `mapping: { columns: { ${columns.join(', ')} } }`;
}

/** Whether a text names the setting for all of these, so that the hint would only repeat it. */
export const namesSetting = (text: string | undefined, dictionaries: readonly LikelyDictionary[]): boolean =>
  text?.includes(asRowsSetting(dictionaries)) === true;

/** What looks like dictionaries, up to the colon before `asRowsSetting`; undefined if nothing does. */
export function dictionaryHint(dictionaries: readonly LikelyDictionary[]): string | undefined {
  if (dictionaries.length === 0) return undefined;
  const [are, their] =
    dictionaries.length === 1 ? ['looks like a dictionary', 'its'] : ['look like dictionaries', 'their'];
  return `${dictionaries.map(dictionaryText).join(', ')} ${are}. To make ${their} entries the rows of one table:`;
}

const KINDS = ['scalar', 'list', 'map'] as const;

interface MapSeen {
  readonly path: Path;
  /** By name: in how many rows it was seen at least, and of which kinds its values are. */
  readonly names: Map<string, { rows: number; kinds: Set<(typeof KINDS)[number]> }>;
}

/** The maps in the rows of a table. The attributes of a whole item are not a map that could become rows. */
function mapsOf(table: Path, { scalars, bytes, counts }: TableSeen): MapSeen[] {
  const maps = new Map<Path, MapSeen>();
  const note = (path: Path, values: number, kind: 'scalar' | 'list') => {
    const names = stepsBelow(table, path).flatMap((step: Step) =>
      typeof step === 'object' && 'name' in step ? [step.name] : [],
    );
    let at = table;
    for (const [level, name] of names.entries()) {
      const map = maps.get(at) ?? { path: at, names: new Map() };
      maps.set(at, map);
      const known = map.names.get(name) ?? { rows: 0, kinds: new Set() };
      map.names.set(name, known);
      known.rows = Math.max(known.rows, values);
      known.kinds.add(level === names.length - 1 ? kind : 'map');
      at = attributePath(at, name);
    }
  };
  for (const record of [scalars, bytes]) {
    for (const [path, { values }] of Object.entries(record)) note(path, values, 'scalar');
  }
  for (const [path, { values }] of Object.entries(counts)) note(path, values, 'list');
  if (isRoot(table)) maps.delete(table);
  return [...maps.values()];
}

function isDictionary({ names }: MapSeen, rowsOfTable: number): boolean {
  if (names.size < MIN_NAMES) return false;
  const all = [...names.values()];
  const areAlike = KINDS.some(
    (kind) => all.filter(({ kinds }) => kinds.has(kind)).length >= names.size * ALIKE_SHARE,
  );
  if (!areAlike) return false;
  if (names.size >= CERTAIN_NAMES) return true;
  const rows = all.map((name) => name.rows).sort((a, b) => a - b);
  const [median, most] = [rows[(rows.length - 1) >> 1] as number, rows.at(-1) as number];
  const areEqual = most >= EQUAL_ROWS && median >= most * EQUAL_SHARE;
  return median <= rowsOfTable * RARE_SHARE && !areEqual;
}

/** How many tables are below each map, by its path. */
function tablesBelow(seen: Seen): Map<Path, number> {
  const below = new Map<Path, number>();
  for (const table of Object.keys(seen.tables)) {
    for (const path of mapsAbove(table)) below.set(path, (below.get(path) ?? 0) + 1);
  }
  return below;
}

/** The path of the attribute of the item, or of its entity, that a path begins with. */
function outermostPath(path: Path): Path {
  const from = path.startsWith('[') ? path.indexOf('.') + 1 : 0;
  const length = path.slice(from).search(/[.[]/);
  return length < 0 ? path : path.slice(0, from + length);
}

/** The paths of the maps that a path is in. */
function* mapsAbove(path: Path): Generator<Path> {
  for (const { index } of path.matchAll(/\.|\[key\]/g)) yield path.slice(0, index);
}

function outermost(all: readonly LikelyDictionary[]): LikelyDictionary[] {
  const paths = new Set(all.map(({ path }) => path));
  return all
    .filter(({ path }) => !mapsAbove(path).some((above) => paths.has(above)))
    .sort((a, b) => b.tables - a.tables || b.names - a.names || (a.path < b.path ? -1 : 1))
    .slice(0, MOST_REPORTED);
}
