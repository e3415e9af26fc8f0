import { columnIdentity } from '../columns/column-names.ts';
import type { Layout } from '../columns/layout.ts';
import type { AttributeValue } from '../item/attribute.ts';
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
  tableOf,
} from '../item/path.ts';
import { mergeSeen, type Seen, type TableSeen } from '../seen/seen.ts';
import { bytesSeen, countSeen, scalarSeen, Tally } from '../seen/tally.ts';
import { AS_IT_IS, type ScalarRules, type Treatments } from './treatment.ts';

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
  /** How the scalars found here are written. */
  rules: ScalarRules;
  /** Places of a map's attributes. A Map, because an attribute may have any name. */
  names: Map<string, Place> | undefined = undefined;
  /** Places of the aspects that have a separate column beside the value. */
  aspects: Map<Aspect, Place> | undefined = undefined;
  /** The table for the members of a list or set found here. */
  members: Table | undefined = undefined;
  /** The table for the entries of a map found here. */
  entries: Table | undefined = undefined;
  /** It is not part of the tree, and neither is what is below it: what is seen there is not recorded. */
  forgotten = false;
  scalarColumn = NO_COLUMN;
  bytesColumn = NO_COLUMN;
  countColumn = NO_COLUMN;
  readonly scalars = new Tally();
  bytes: Tally | undefined = undefined;
  counts: Tally | undefined = undefined;

  constructor(path: Path, table: Table, depth: number, treatment: number, rules: ScalarRules) {
    this.path = path;
    this.table = table;
    this.depth = depth;
    this.treatment = treatment;
    this.rules = rules;
  }

  /** The place of an attribute of the map found here; a new one is remembered. */
  attribute(name: string): Place {
    return this.names?.get(name) ?? this.remember(name, this.newAttribute(name));
  }

  /** A place that is not part of the tree unless `remember` adds it. */
  newAttribute(name: string): Place {
    const path = attributePath(this.path, name);
    const depth = this.depth + 1;
    const { treatments } = this.table;
    return new Place(path, this.table, depth, treatments.of(path, depth), treatments.rulesAt(path));
  }

  remember(name: string, place: Place): Place {
    this.names ??= new Map();
    this.names.set(name, place);
    return place;
  }

  aspect(aspect: Aspect): Place {
    this.aspects ??= new Map();
    let place = this.aspects.get(aspect);
    if (place === undefined) {
      const rules = this.rules.emptyIsNull ? { ...AS_IT_IS, emptyIsNull: true } : AS_IT_IS;
      place = new Place(aspectPath(this.path, aspect), this.table, this.depth, 0, rules);
      this.aspects.set(aspect, place);
    }
    return place;
  }

  bytesTally(): Tally {
    this.bytes ??= new Tally();
    return this.bytes;
  }

  countTally(): Tally {
    this.counts ??= new Tally();
    return this.counts;
  }

  memberTable(): Table {
    this.members ??= this.#tableBelow(memberPath(this.path));
    return this.members;
  }

  entryTable(): Table {
    if (this.entries === undefined) {
      this.entries = this.#tableBelow(entryPath(this.path));
      this.entries.place.aspect('key').scalarColumn = KEY_COLUMN;
    }
    return this.entries;
  }

  #tableBelow(path: Path): Table {
    const table = new Table(path, this.depth + 1, this.table.treatments);
    table.place.forgotten = this.forgotten;
    return table;
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
  /** The characters of their paths. */
  restCharacters = 0;
  /** The fields of the current row, after key and positions. */
  cells: string[] = [];
  /** The number of rows of the current item. */
  itemRows = 0;
  /** Where rows go: to the narrowest of these layouts that has all their columns. The last one has all columns. */
  outputs: Output[] = [];
  /** Rows of all items since the last `takeSeen`. */
  rows = 0;
  /** Rows of odd items since the last `takeSeen`, included in `rows`. */
  oddRows = 0;
  /** The number of its places that were remembered since the last `takeSeen`, and the characters of their paths. */
  found = 0;
  foundCharacters = 0;
  /** Odd items had values at places that were forgotten. */
  summarised = false;

  constructor(path: Path, depth: number, treatments: Treatments) {
    this.path = path;
    this.treatments = treatments;
    this.place = new Place(path, this, depth, treatments.of(path, depth), treatments.rulesAt(path));
  }

  /** The places in this table's rows. */
  places(): Place[] {
    const places = [this.place];
    for (const { names, aspects } of places) {
      if (names !== undefined) for (const place of names.values()) places.push(place);
      if (aspects !== undefined) for (const place of aspects.values()) places.push(place);
    }
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

/** A layout of a table's rows: of all its columns, or of a common shape. */
export interface Output {
  /** Its number among the layouts, then the shapes. */
  readonly number: number;
  /** Its columns, as indexes of the table's columns. */
  readonly columns: readonly number[];
  /** The CSV text of the current item's rows, and their number. */
  itemText: string;
  itemRows: number;
}

const outputOf = (number: number, columns: readonly number[]): Output => ({
  number,
  columns,
  itemText: '',
  itemRows: 0,
});

/**
 * The trees of all places that the layouts have columns for, one per root table, in order. Places found later are added
 * without columns.
 * @param shapes layouts of some of the columns, for rows that have no others; the narrowest of a table first
 * @throws Error if two layouts share a table, a layout's table has no root in `roots`, or a shape's columns are not those
 *   of a layout.
 */
export function placesOf(
  layouts: readonly Layout[],
  shapes: readonly Layout[],
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
    table.cells = layout.columns.map(() => '');
    const rest = aspectPath(layout.table, 'rest');
    for (const [column, { path, form }] of layout.columns.entries()) {
      const place = placeIn(table, path);
      place[`${form}Column`] = column;
      if (path === rest) table.rest = place;
    }
  }
  const byTable = new Map(layouts.map((layout) => [layout.table, layout]));
  for (const [index, shape] of shapes.entries()) {
    const numbers = new Map(
      byTable.get(shape.table)?.columns.map((column, i) => [columnIdentity(column), i]),
    );
    const columns = shape.columns.map((column) => {
      const number = numbers.get(columnIdentity(column));
      if (number === undefined) throw new Error(`no layout has the column ${column.path} of a shape`);
      return number;
    });
    tables.get(shape.table)?.outputs.push(outputOf(layouts.length + index, columns));
  }
  for (const [index, { table, columns }] of layouts.entries()) {
    tables.get(table)?.outputs.push(
      outputOf(
        index,
        columns.map((_, i) => i),
      ),
    );
  }
  for (const tree of trees) {
    for (const { name } of key) {
      const place = tree.place.attribute(name);
      place.scalarColumn = KEY_COLUMN;
      place.treatment = 0;
      place.rules = AS_IT_IS;
    }
  }
  return trees;
}

/** Adds places at these paths to the trees, as far as the tables that would hold them are there. */
export function addPlaces(trees: readonly Table[], paths: readonly Path[]): void {
  const tables = new Map(trees.flatMap((tree) => tree.withAllBelow()).map((table) => [table.path, table]));
  for (const path of paths) {
    const table = tables.get(tableOf(path));
    if (table !== undefined) placeIn(table, path);
  }
}

/** What was seen in the items of a cut. */
export interface CutSeen {
  /** In all items that were not rejected. */
  readonly seen: Seen;
  /** In the odd ones among them. */
  readonly oddSeen: Seen;
}

/** What was seen at every place of the trees, in path order. */
export function seenAt(trees: readonly Table[]): CutSeen {
  const tables = trees.flatMap((tree) => tree.withAllBelow()).sort(byPath);
  const seenIn = (rowsOf: (table: Table) => number, tallyOf: (tally: Tally) => Tally | undefined): Seen => ({
    tables: Object.fromEntries(
      tables
        .filter((table) => rowsOf(table) > 0)
        .map((table) => [table.path, seenOf(table, rowsOf(table), tallyOf)]),
    ),
  });
  const written = seenIn(
    ({ rows, oddRows }) => rows - oddRows,
    (tally) => tally,
  );
  const oddSeen = seenIn(
    ({ oddRows }) => oddRows,
    ({ odd }) => odd,
  );
  return { seen: mergeSeen(written, oddSeen), oddSeen };
}

function seenOf(table: Table, rows: number, tallyOf: (tally: Tally) => Tally | undefined): TableSeen {
  const places = table.places().sort(byPath);
  const record = <T>(form: 'scalars' | 'bytes' | 'counts', seen: (tally: Tally) => T): Record<Path, T> =>
    Object.fromEntries(
      places.flatMap((place): [Path, T][] => {
        const tally = place[form] && tallyOf(place[form]);
        return tally === undefined || tally.values === 0 ? [] : [[place.path, seen(tally)]];
      }),
    );
  return {
    rows,
    scalars: record('scalars', scalarSeen),
    bytes: record('bytes', bytesSeen),
    counts: record('counts', countSeen),
    ...(table.summarised ? { summarised: true } : {}),
  };
}

const byPath = (a: { readonly path: Path }, b: { readonly path: Path }) =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

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
