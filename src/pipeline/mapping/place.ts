import type { Layout } from '../columns/layout.ts';
import type { AttributeValue } from '../item/attribute.ts';
import { NULL_TEXT } from '../item/csv.ts';
import type { Key } from '../item/key.ts';
import {
  type Aspect,
  aspectPath,
  attributePath,
  entryPath,
  listOf,
  memberPath,
  type Path,
  parentTable,
  stepsBelow,
} from '../item/path.ts';
import type { Seen, TableSeen } from '../seen/seen.ts';
import { bytesSeen, countSeen, scalarSeen, Tally } from '../seen/tally.ts';
import type { Treatments } from './treatment.ts';

/** The layouts have no column: a value here makes its item odd. */
export const NO_COLUMN = -1;
/** The key and the positions start every row, so their own places need no column. */
const KEY_COLUMN = -2;

/** A path in the items, as a node of a tree: where its values go, and what was seen there. */
export class Place {
  readonly path: Path;
  /** The table whose rows hold the values found here. */
  readonly table: Table;
  readonly depth: number;
  /** How to treat the values found here: bits of `Treat`. */
  treatment: number;
  /** Places of a map's attributes. A Map, because an attribute may have any name. */
  readonly names = new Map<string, Place>();
  /** Places of the aspects that have a separate column beside the value. */
  readonly aspects = new Map<Aspect, Place>();
  /** The table for the members of a list or set found here. */
  members: Table | undefined;
  /** The table for the entries of a map found here. */
  entries: Table | undefined;
  scalarColumn = NO_COLUMN;
  bytesColumn = NO_COLUMN;
  countColumn = NO_COLUMN;
  readonly scalars = new Tally();
  readonly bytes = new Tally();
  readonly counts = new Tally();

  constructor(path: Path, table: Table, depth: number, treatment: number) {
    this.path = path;
    this.table = table;
    this.depth = depth;
    this.treatment = treatment;
  }

  attribute(name: string): Place {
    let place = this.names.get(name);
    if (place === undefined) {
      const path = attributePath(this.path, name);
      const depth = this.depth + 1;
      place = new Place(path, this.table, depth, this.table.treatments.of(path, depth));
      this.names.set(name, place);
    }
    return place;
  }

  aspect(aspect: Aspect): Place {
    let place = this.aspects.get(aspect);
    if (place === undefined) {
      place = new Place(aspectPath(this.path, aspect), this.table, this.depth, 0);
      this.aspects.set(aspect, place);
    }
    return place;
  }

  memberTable(): Table {
    this.members ??= new Table(memberPath(this.path), this.depth + 1, this.table.treatments);
    return this.members;
  }

  entryTable(): Table {
    if (this.entries === undefined) {
      this.entries = new Table(entryPath(this.path), this.depth + 1, this.table.treatments);
      this.entries.place.aspect('key').scalarColumn = KEY_COLUMN;
    }
    return this.entries;
  }
}

/** A table to make rows for: its current row, and the rows of the current item. */
export class Table {
  readonly path: Path;
  readonly treatments: Treatments;
  /** The place of a whole row: the item, a member of the list or set, or an entry of the map. */
  readonly place: Place;
  /** The index of this table's layout. `NO_COLUMN`: there is none, so its items are odd. */
  layout = NO_COLUMN;
  /** The place for a row's values that have no column. If it is absent, such values make their item odd. */
  rest: Place | undefined;
  /** The current row's values for `rest`, by path in the row. */
  readonly restValues = new Map<Path, AttributeValue>();
  /** The fields of the current row, after key and positions. */
  cells: string[] = [];
  /** The number of rows of the current item. */
  itemRows = 0;
  /** The CSV text of the current item's rows. */
  itemText = '';
  /** Rows of all items since the last `takeSeen`. */
  rows = 0;
  /** Rows of odd items since the last `takeSeen`, included in `rows`. */
  oddRows = 0;

  constructor(path: Path, depth: number, treatments: Treatments) {
    this.path = path;
    this.treatments = treatments;
    this.place = new Place(path, this, depth, depth === 0 ? 0 : treatments.of(path, depth));
  }

  /** The places in this table's rows. */
  places(): Place[] {
    const places = [this.place];
    for (const place of places) places.push(...place.names.values(), ...place.aspects.values());
    return places;
  }

  /** This table and those of the lists, sets and maps below it. */
  withAllBelow(): Table[] {
    const tables: Table[] = [this];
    for (const table of tables) {
      for (const { members, entries } of table.places()) {
        if (members !== undefined) tables.push(members);
        if (entries !== undefined) tables.push(entries);
      }
    }
    return tables;
  }
}

/**
 * The trees of all places that the layouts have columns for, one per root table, in order. Places found later are added
 * without columns.
 * @throws Error if two layouts share a table, or a layout's table has no root in `roots`.
 */
export function placesOf(
  layouts: readonly Layout[],
  key: Key,
  roots: readonly Path[],
  treatments: Treatments,
): Table[] {
  const trees = roots.map((root) => new Table(root, 0, treatments));
  const tables = new Map(trees.map((tree) => [tree.path, tree]));
  for (const [index, layout] of layouts.entries()) {
    const table = tableAt(tables, layout.table);
    if (table.layout !== NO_COLUMN) throw new Error(`there are two layouts for the table "${layout.table}"`);
    table.layout = index;
    table.cells = layout.columns.map(() => NULL_TEXT);
    const rest = aspectPath(layout.table, 'rest');
    for (const [column, { path, form }] of layout.columns.entries()) {
      const place = placeIn(table, path);
      place[`${form}Column`] = column;
      if (path === rest) table.rest = place;
    }
  }
  for (const tree of trees) {
    for (const { name } of key) {
      const place = tree.place.attribute(name);
      place.scalarColumn = KEY_COLUMN;
      place.treatment = 0;
    }
  }
  return trees;
}

/** What was seen at every place of the trees, in path order. */
export function seenAt(trees: readonly Table[]): Seen {
  const tables = trees.flatMap((tree) => tree.withAllBelow()).filter(({ rows }) => rows > 0);
  return { tables: Object.fromEntries(tables.sort(byPath).map((table) => [table.path, seenOf(table)])) };
}

function seenOf(table: Table): TableSeen {
  const places = table.places().sort(byPath);
  return {
    rows: table.rows,
    scalars: record(places, 'scalars', scalarSeen),
    bytes: record(places, 'bytes', bytesSeen),
    counts: record(places, 'counts', countSeen),
  };
}

const byPath = (a: { readonly path: Path }, b: { readonly path: Path }) =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

function record<T>(places: Place[], form: 'scalars' | 'bytes' | 'counts', seen: (tally: Tally) => T) {
  return Object.fromEntries(places.filter((p) => p[form].values > 0).map((p) => [p.path, seen(p[form])]));
}

function tableAt(tables: Map<Path, Table>, path: Path): Table {
  const known = tables.get(path);
  if (known !== undefined) return known;
  const parent = parentTable(path);
  if (parent === undefined) throw new Error(`there is a layout for "${path}", but no item is routed there`);
  const place = placeIn(tableAt(tables, parent), listOf(path));
  const table = path.endsWith('[]') ? place.memberTable() : place.entryTable();
  tables.set(path, table);
  return table;
}

/** The place at `path`, which must be in the rows of `table`: the steps to it may only be names and aspects. */
function placeIn(table: Table, path: Path): Place {
  let place = table.place;
  for (const step of stepsBelow(table.path, path)) {
    if (typeof step === 'object' && 'name' in step) place = place.attribute(step.name);
    else if (typeof step === 'object' && 'aspect' in step) place = place.aspect(step.aspect);
    else throw new Error(`"${path}" is not a path in the rows of "${table.path}"`);
  }
  return place;
}
