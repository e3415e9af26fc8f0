import { NULL_TEXT } from './csv.ts';
import type { Key } from './key.ts';
import type { Layout } from './layout.ts';
import { attributePath, listOf, memberPath, type Path, parentTable, ROOT, stepsOf } from './path.ts';
import type { Seen, TableSeen } from './seen.ts';
import { bytesSeen, countSeen, scalarSeen, Tally } from './tally.ts';

/** No column of the layouts: a value here makes its item odd. */
export const NO_COLUMN = -1;
/** The key is written first in every row, so its own place needs no column. */
export const KEY_COLUMN = -2;

/** A path in the items, as a node of a tree: where its values go and what they showed. */
export class Place {
  readonly path: Path;
  /** The table whose rows hold the values found here. */
  readonly table: Table;
  /** Places of a map's attributes. A Map, because an attribute may be called anything. */
  readonly names = new Map<string, Place>();
  /** The table of the members of a list or set found here. */
  members: Table | undefined;
  scalarColumn = NO_COLUMN;
  bytesColumn = NO_COLUMN;
  countColumn = NO_COLUMN;
  readonly scalars = new Tally();
  readonly bytes = new Tally();
  readonly counts = new Tally();

  constructor(path: Path, table: Table) {
    this.path = path;
    this.table = table;
  }

  attribute(name: string): Place {
    let place = this.names.get(name);
    if (place === undefined) {
      place = new Place(attributePath(this.path, name), this.table);
      this.names.set(name, place);
    }
    return place;
  }

  memberTable(): Table {
    this.members ??= new Table(memberPath(this.path));
    return this.members;
  }
}

/** A table that rows are made for: its row in the making, and the rows of the item in hand. */
export class Table {
  readonly path: Path;
  /** The place of a whole row: the item, or a member of the list or set. */
  readonly place: Place;
  /** Which of the layouts is this table's; none makes its items odd. */
  layout = NO_COLUMN;
  /** The fields of the row in the making, after key and positions. */
  cells: string[] = [];
  /** Rows of the item in hand, and their text. */
  itemRows = 0;
  itemText = '';
  /** Rows of all items since the last take, and those of odd items among them. */
  rows = 0;
  oddRows = 0;

  constructor(path: Path) {
    this.path = path;
    this.place = new Place(path, this);
  }

  /** The places in this table's rows. */
  places(): Place[] {
    const places = [this.place];
    for (const place of places) places.push(...place.names.values());
    return places;
  }

  /** This table and those of the lists and sets below it. */
  withAllBelow(): Table[] {
    const tables: Table[] = [this];
    for (const table of tables) {
      for (const { members } of table.places()) if (members !== undefined) tables.push(members);
    }
    return tables;
  }
}

/** The tree of all places that the layouts have columns for; places met later are added to it without columns. */
export function placesOf(layouts: readonly Layout[], key: Key): Table {
  const tables = new Map([[ROOT, new Table(ROOT)]]);
  for (const [index, layout] of layouts.entries()) {
    const table = tableAt(tables, layout.table);
    if (table.layout !== NO_COLUMN) throw new Error(`two layouts for the table "${layout.table}"`);
    table.layout = index;
    table.cells = layout.columns.map(() => NULL_TEXT);
    for (const [column, { path, form }] of layout.columns.entries()) {
      placeIn(table, path)[`${form}Column`] = column;
    }
  }
  const root = tableAt(tables, ROOT);
  for (const { name } of key) root.place.attribute(name).scalarColumn = KEY_COLUMN;
  return root;
}

/** What the items showed at every place of the tree, in the order of paths. */
export function seenAt(root: Table): Seen {
  const tables = root.withAllBelow().filter(({ rows }) => rows > 0);
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
  const parent = tableAt(tables, parentTable(path) ?? ROOT);
  const table = placeIn(parent, listOf(path)).memberTable();
  tables.set(path, table);
  return table;
}

/** The place at `path`, which lies in the rows of `table`: only attribute names lead there. */
function placeIn(table: Table, path: Path): Place {
  let place = table.place;
  for (const step of stepsOf(path.slice(table.path.length))) {
    if (step === 'member') throw new Error(`"${path}" is not a path in the rows of "${table.path}"`);
    place = place.attribute(step.name);
  }
  return place;
}
