import {
  type ColumnNames,
  columnIdentity,
  isSystemColumn,
  nameColumns,
  nameKey,
  positionNames,
} from '../columns/column-names.ts';
import { type Column, leadingPaths } from '../columns/layout.ts';
import { nameTables } from '../columns/table-names.ts';
import type { Key } from '../item/key.ts';
import { type Path, ROOT, tableOf, withoutAspect } from '../item/path.ts';
import { fillableColumns, fillableTables } from '../mapping/fillable.ts';
import { columnMapping, type Mapping, namingOf, tableMapping } from '../mapping/mapping.ts';
import { RUN_COLUMNS } from '../sql/run-columns.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import { type AgreedSchema, agreedTable } from './agreed-schema.ts';
import { addClaimed, claimedColumns, claimedTables, type NameClaim } from './name-claims.ts';
import { type NameConflict, type Named, type SettledNames, settleNames } from './settle-names.ts';

/** What names follow from, in addition to the names given before. */
export interface NamedBy {
  /** The name of the DynamoDB table. */
  readonly tableName: string;
  readonly key: Key;
  readonly mapping: Mapping;
  /** Names that runs claimed that are not live yet. */
  readonly claims?: readonly NameClaim[] | undefined;
}

/** The name of each of these tables: by the mapping, as agreed, or derived from its path. */
export function tableNames(
  before: AgreedSchema | undefined,
  by: NamedBy,
  paths: Iterable<Path>,
): Map<Path, string> {
  const all = [...paths];
  const wanted = Object.values(by.mapping.tables).flatMap(({ name }) => name ?? []);
  const { given, claimed } = settledTables(before, by, all);
  const reserved = [...wanted, ...claimed];
  return nameTables(by.tableName, all, { naming: namingOf(by.mapping), given, reserved });
}

/** The names of the key columns: as agreed, or derived from the attributes. */
export function keyNames(
  before: Pick<AgreedSchema, 'key'> | undefined,
  { key, mapping }: Pick<NamedBy, 'key' | 'mapping'>,
): string[] {
  return before?.key.map(({ columnName }) => columnName) ?? nameKey(key, namingOf(mapping));
}

/** The names of a table's columns, in the order of the columns. */
export function tableColumnNames(
  before: AgreedSchema | undefined,
  { key, mapping, claims }: NamedBy,
  table: Path,
  columns: readonly Column[],
): ColumnNames {
  const wanted = wantedColumns(mapping, key, table).map(({ name }) => name);
  const { given, claimed } = settledColumns(before, { key, mapping, claims }, table, columns);
  const reserved = [...wanted, ...claimed];
  return nameColumns(table, keyNames(before, { key, mapping }), columns, {
    naming: namingOf(mapping),
    given,
    reserved,
  });
}

/**
 * The names that the mapping sets but that something else in the agreed schema has. Paths that no run has seen count as
 * well.
 */
export function nameConflicts(before: AgreedSchema | undefined, by: NamedBy): NameConflict[] {
  const tables = before?.tables ?? [];
  const wanted = Object.keys(by.mapping.tables);
  const named = Object.keys(by.mapping.columns).map(tableOf);
  const known = new Set([...tables.map(({ path }) => path), ...wanted, ...named]);
  return [
    ...settledTables(before, by, [...known]).conflicts,
    ...[...known].flatMap((path) => {
      const table = agreedTable(before, path);
      const columns = new Map(
        (table?.columns ?? []).map((column) => [columnIdentity(column), column as Column]),
      );
      for (const { path: at } of wantedColumns(by.mapping, by.key, path)) {
        const seen = [...columns.values()].some(
          (column) => column.form === 'scalar' && valuePath(column) === at,
        );
        const column: Column = { path: at, form: 'scalar' };
        if (!seen) columns.set(columnIdentity(column), column);
      }
      return settledColumns(before, by, path, [...columns.values()]).conflicts;
    }),
  ];
}

interface WithClaimed {
  /** Claimed names of paths that have another name until then. Nothing else gets them. */
  readonly claimed: readonly string[];
}

function settledTables(
  before: AgreedSchema | undefined,
  { mapping, claims }: NamedBy,
  paths: readonly Path[],
): SettledNames & WithClaimed {
  const isFillable = fillableTables(mapping);
  const given = new Map(before?.tables.map(({ path, name }) => [path, name]));
  const claimed = addClaimed(given, claimedTables(claims));
  const all = [...new Set([...given.keys(), ...paths])].map(
    (path): Named => ({
      id: path,
      title: path === ROOT ? 'the root table' : `the table of ${path}`,
      given: given.get(path),
      wanted: tableMapping(mapping, path)?.name,
      fillable: isFillable(path),
    }),
  );
  return { ...settleNames(all, (name) => (isSystemTable(name) ? 'Tributary itself' : undefined)), claimed };
}

function settledColumns(
  before: AgreedSchema | undefined,
  { key, mapping, claims }: Pick<NamedBy, 'key' | 'mapping' | 'claims'>,
  table: Path,
  columns: readonly Column[],
): SettledNames & WithClaimed {
  const agreed = agreedTable(before, table)?.columns;
  const given = new Map(agreed?.map((column) => [columnIdentity(column), column.name]));
  const ofClaims = claimedColumns(claims, table);
  const claimed = addClaimed(given, ofClaims);
  const here = new Set(columns.map(columnIdentity));
  const elsewhere = ofClaims.filter(({ id, name }) => !here.has(id) && given.get(id) === name);
  const isFillable = fillableColumns(mapping);
  const bearers = new Map<Path, string>();
  for (const { path, name } of wantedColumns(mapping, key, table)) {
    // A path may have a column for scalars and one for values kept whole. The name stays where it is if it can.
    const candidates = columns.filter((column) => column.form === 'scalar' && valuePath(column) === path);
    const rank = (column: Column) =>
      (isFillable(column) ? 2 : 0) + (given.get(columnIdentity(column)) === name ? 1 : 0);
    const [bearer] = candidates.toSorted((a, b) => rank(b) - rank(a));
    if (bearer !== undefined) bearers.set(columnIdentity(bearer), name);
  }
  const all = [...columns, ...elsewhere].map((column): Named => {
    const id = columnIdentity(column);
    return {
      id,
      title: column.form === 'scalar' ? column.path : `${column.path} (${column.form})`,
      given: given.get(id),
      wanted: bearers.get(id),
      fillable: isFillable(column),
    };
  });
  const keys = keyNames(before, { key, mapping });
  const positions = positionNames(table);
  const settled = settleNames(all, (name) =>
    keys.includes(name)
      ? 'the key'
      : positions.includes(name)
        ? 'a position'
        : isSystemColumn(name)
          ? 'a system column of the warehouse'
          : RUN_COLUMNS.includes(name)
            ? 'Tributary itself'
            : undefined,
  );
  return { ...settled, claimed };
}

/** The mapping's names for columns of this table. Those of the key cannot be set. */
function wantedColumns(
  mapping: Mapping,
  key: Key,
  table: Path,
): { readonly path: Path; readonly name: string }[] {
  const leading = leadingPaths(table, key);
  return Object.keys(mapping.columns).flatMap((path) => {
    const isHere = tableOf(path) === table && !leading.has(path);
    const name = isHere ? columnMapping(mapping, path)?.name : undefined;
    return name === undefined ? [] : [{ path, name }];
  });
}

/** The path of the value that a column holds, which the mapping's settings for it have. */
const valuePath = ({ path }: Column) => (path.endsWith('.%super') ? withoutAspect(path) : path);
