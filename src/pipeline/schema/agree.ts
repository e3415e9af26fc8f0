import { columnIdentity } from '../columns/column-names.ts';
import { type Column, type Layout, leadingPaths } from '../columns/layout.ts';
import {
  bytesType,
  COUNT_TYPE,
  emptyKeyType,
  type RedshiftType,
  typeSql,
  UNSEEN_TYPE,
} from '../columns/redshift-type.ts';
import { bytesAt, columnsSeen, keySeen, scalarAt, valuesAt } from '../columns/seen-column.ts';
import { typeFromSql } from '../columns/type-text.ts';
import { widenedType } from '../columns/widen.ts';
import { Refusal } from '../failure/refusal.ts';
import type { Key } from '../item/key.ts';
import { attributePath, type Path, ROOT } from '../item/path.ts';
import { columnMapping, type Mapping, namingOf, rootTables } from '../mapping/mapping.ts';
import { mergeSeen, type ScalarSeen, type Seen, shapeOf, tableSeen } from '../seen/seen.ts';
import {
  type AgreedColumn,
  type AgreedKey,
  type AgreedSchema,
  type AgreedTable,
  agreedTable,
  type LastSeen,
  RUNS_COUNTED,
} from './agreed-schema.ts';
import { begun } from './epoch.ts';
import type { NameClaim } from './name-claims.ts';
import { refuseTooNarrow } from './refuse-mapping.ts';
import { keyNames, tableColumnNames, tableNames } from './schema-names.ts';
import { typeOfTimes } from './type-of-times.ts';

/** What a run or an inference saw, to be merged into the agreed schema. */
export interface Observation {
  readonly pipeline: string;
  /** The name of the run or inference. */
  readonly by: string;
  /** When it started to read, ISO 8601. */
  readonly at: string;
  /** Whether it read the whole table, so that what it did not see is gone. */
  readonly whole: boolean;
  /** The name of the DynamoDB table. */
  readonly tableName: string;
  readonly key: Key;
  readonly seen: Seen;
  /** Layouts of part files: their columns are included even if they hold no value. */
  readonly layouts: Iterable<Layout>;
  readonly mapping: Mapping;
  /** Names that it, and runs that are not live yet, claimed: see name-claims.ts. Default: none. */
  readonly claims?: readonly NameClaim[];
}

/**
 * The schema after another observation. Agreed tables and columns keep their name and position. New ones follow, named
 * in byte order of their paths. Types widen. Repeating an observation changes nothing. The revision changes only if
 * names or types do.
 * @param nowMs the time of the change
 * @throws Refusal `KeyChanged`, `TypeTooNarrow`
 */
export function agree(earlier: AgreedSchema | undefined, observed: Observation, nowMs: number): AgreedSchema {
  const before = begun(earlier);
  refuseOtherKey(before, observed);
  const seen = shapeOf(mergeSeen(before?.seen ?? { tables: {} }, observed.seen));
  const key = agreedKey(before, observed, seen);
  const columns = columnsByTable(before, observed);
  const names = tableNames(before, observed, columns.keys());
  const known = before?.tables.map(({ path }) => path) ?? [];
  const tables = [...new Set([...known, ...names.keys()])]
    .filter((path) => columns.has(path))
    .map((path): AgreedTable => {
      const table = agreedTable(before, path);
      const name = names.get(path) as string;
      return {
        path,
        name,
        since: table?.since ?? observed.by,
        ...renameOf(table, name, observed.by),
        columns: agreedColumns(before, path, columns.get(path) ?? [], observed, seen),
      };
    });
  const next = {
    version: 1 as const,
    pipeline: observed.pipeline,
    ...(earlier?.epoch === undefined ? {} : { epoch: earlier.epoch }),
    since: before?.since ?? observed.by,
    ...begunNaming(before, observed),
    key,
    tables,
    seen,
    runs: countedRuns(before, observed),
  };
  if (before !== undefined && sameNamesAndTypes(before, next)) {
    const { revision, changedAt, changedBy } = before;
    return { ...next, revision, changedAt, changedBy };
  }
  // Later than every earlier change, whatever the clocks say, because these times are the keys of the history.
  const changedMs = earlier === undefined ? nowMs : Math.max(nowMs, Date.parse(earlier.changedAt) + 1);
  return {
    ...next,
    revision: (earlier?.revision ?? 0) + 1,
    changedAt: new Date(changedMs).toISOString(),
    changedBy: observed.by,
  };
}

/** The naming of the first agreement; schemas of older versions have none. */
function begunNaming(
  before: AgreedSchema | undefined,
  { mapping }: Pick<Observation, 'mapping'>,
): Pick<AgreedSchema, 'naming'> {
  if (before === undefined) return { naming: namingOf(mapping) };
  return before.naming === undefined ? {} : { naming: before.naming };
}

/** Compares what readers of the warehouse see of two schemas. */
function sameNamesAndTypes(a: Pick<AgreedSchema, 'key' | 'tables'>, b: Pick<AgreedSchema, 'key' | 'tables'>) {
  const visible = ({ key, tables }: typeof a) =>
    JSON.stringify([
      key.map(({ columnName, type }) => [columnName, typeSql(type)]),
      tables.map(({ path, name, columns }) => [
        path,
        name,
        columns.map((column) => [columnIdentity(column), column.name, typeSql(column.type)]),
      ]),
    ]);
  return visible(a) === visible(b);
}

/**
 * Checks that the key is the agreed one. A table with another key is another table, whatever its name.
 * @throws Refusal `KeyChanged`
 */
export function refuseOtherKey(
  before: AgreedSchema | undefined,
  { pipeline, key, tableName }: Pick<Observation, 'pipeline' | 'key' | 'tableName'>,
): void {
  if (before === undefined) return;
  const text = (attributes: Key) => attributes.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  if (text(before.key) === text(key)) return;
  throw new Refusal(
    'KeyChanged',
    `DynamoDB table ${tableName} has the primary key ${text(key)}, but the agreed schema of pipeline ${pipeline} has ` +
      `${text(before.key)}. The table was probably recreated. Use a pipeline with another name for it, or start over ` +
      `with "tributary schema reset ${pipeline}".`,
  );
}

function agreedKey(before: AgreedSchema | undefined, observed: Observation, seen: Seen): AgreedKey[] {
  const names = keyNames(before, observed);
  return observed.key.map(({ name, kind }, i): AgreedKey => {
    const path = attributePath(ROOT, name);
    const known = before?.key[i];
    const everSeen = keySeen(seen, name);
    const hadValue = before !== undefined && keySeen(before.seen, name) !== undefined;
    const type =
      everSeen === undefined
        ? emptyKeyType(kind)
        : widenedType(hadValue ? known?.type : undefined, keySeen(observed.seen, name), everSeen, 'key');
    return {
      name,
      kind,
      path,
      columnName: names[i] as string,
      type,
      ...changeOf(known, type, observed.by),
    };
  });
}

/** Every table's columns: the agreed ones in their order, then the new ones. */
function columnsByTable(before: AgreedSchema | undefined, observed: Observation): Map<Path, Column[]> {
  // If there are entities, the table for all other items exists only if there are other items.
  const roots = rootTables(observed.mapping);
  const always = roots.length === 1 ? roots : roots.filter((root) => root !== ROOT);
  const tables = new Map<Path, Map<string, Column>>(always.map((root) => [root, new Map()]));
  const add = (table: Path, columns: readonly Column[]) => {
    const known = tables.get(table) ?? new Map<string, Column>();
    tables.set(table, known);
    const leading = leadingPaths(table, observed.key);
    for (const { path, form } of columns) {
      if (form !== 'scalar' || !leading.has(path)) known.set(columnIdentity({ path, form }), { path, form });
    }
  };
  for (const { path, columns } of before?.tables ?? []) add(path, columns);
  for (const path of Object.keys(observed.seen.tables))
    add(path, columnsSeen(tableSeen(observed.seen, path)));
  for (const { table, columns } of observed.layouts) add(table, columns);
  return new Map([...tables].map(([table, columns]) => [table, [...columns.values()]]));
}

function agreedColumns(
  before: AgreedSchema | undefined,
  path: Path,
  columns: readonly Column[],
  observed: Observation,
  seen: Seen,
): AgreedColumn[] {
  const { by } = observed;
  const known = new Map(agreedTable(before, path)?.columns.map((column) => [columnIdentity(column), column]));
  const names = new Map(
    tableColumnNames(before, observed, path, columns).values.map((column) => [
      columnIdentity(column),
      column.name,
    ]),
  );
  // Agreed columns keep their places, also those that the mapping renames. New ones follow in the order of their names,
  // as if no name were claimed: the order does not depend on other runs.
  const { values: inOrder } = tableColumnNames(before, { ...observed, claims: [] }, path, columns);
  const order = inOrder.map(columnIdentity).filter((identity) => !known.has(identity));
  const byIdentity = new Map(columns.map((column) => [columnIdentity(column), column]));
  return [...known.keys(), ...order].map((identity): AgreedColumn => {
    const column = byIdentity.get(identity) as Column;
    const agreed = known.get(identity);
    const type = typeAfter(agreed, path, column, observed, seen);
    const lastSeen = later(agreed?.lastSeen, sightingOf(path, column, observed));
    const name = names.get(identity) as string;
    return {
      path: column.path,
      form: column.form,
      name,
      type,
      since: agreed?.since ?? by,
      ...changeOf(agreed, type, by),
      ...renameOf(agreed, name, by),
      ...(lastSeen === undefined ? {} : { lastSeen }),
    };
  });
}

function typeAfter(
  agreed: AgreedColumn | undefined,
  table: Path,
  { path, form }: Column,
  { seen: seenNow, mapping, by }: Observation,
  everSeen: Seen,
): RedshiftType {
  if (form === 'count') return COUNT_TYPE;
  if (form === 'bytes')
    return bytesType(bytesAt(tableSeen(everSeen, table), path) ?? { maxBytes: 0, values: 0 });
  const wanted = columnMapping(mapping, path);
  const fixed = wanted?.type === undefined ? undefined : typeFromSql(wanted.type);
  if (fixed !== undefined) {
    refuseTooNarrow(path, fixed, scalarAt(tableSeen(seenNow, table), path), by);
    return fixed;
  }
  const mapped = (scalar: ScalarSeen | undefined) => scalar && withTextForms(scalar, wanted?.timestamp);
  const now = mapped(scalarAt(tableSeen(seenNow, table), path));
  const ever = mapped(scalarAt(tableSeen(everSeen, table), path));
  if (ever === undefined) return agreed?.type ?? UNSEEN_TYPE;
  const before = agreed?.lastSeen === undefined ? undefined : agreed.type;
  if (wanted?.epoch !== undefined && !now?.kinds.includes('N')) {
    if (now === undefined) return agreed?.type ?? UNSEEN_TYPE;
    return typeOfTimes(before, now, ever);
  }
  return widenedType(before, now, ever, 'value');
}

/** Applies `timestamp: false`: text stays text, whatever it looks like. */
function withTextForms(scalar: ScalarSeen, timestamp: boolean | undefined): ScalarSeen {
  return timestamp === false && scalar.textForms.length > 0 ? { ...scalar, textForms: ['other'] } : scalar;
}

function sightingOf(table: Path, column: Column, { seen, by, at }: Observation): LastSeen | undefined {
  const ofTable = tableSeen(seen, table);
  const values = valuesAt(ofTable, column);
  return values === 0
    ? undefined
    : { by, at, share: Math.min(1, Number((values / ofTable.rows).toPrecision(4))) };
}

/** The later by time, then by name, so that the order in which two observations arrive does not matter. */
function later(a: LastSeen | undefined, b: LastSeen | undefined): LastSeen | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = Date.parse(a.at) - Date.parse(b.at) || (a.by < b.by ? -1 : 1);
  return order > 0 ? a : b;
}

function countedRuns(before: AgreedSchema | undefined, { by, at, whole }: Observation): AgreedSchema['runs'] {
  const runs = new Map(before?.runs.map((each) => [each.run, each]));
  if (whole) runs.set(by, { run: by, at });
  return [...runs.values()]
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.run < b.run ? -1 : 1))
    .slice(-RUNS_COUNTED);
}

function changeOf(
  before: Pick<AgreedColumn, 'type' | 'changed'> | undefined,
  type: RedshiftType,
  by: string,
): Pick<AgreedColumn, 'changed'> {
  if (before === undefined) return {};
  if (typeSql(before.type) === typeSql(type))
    return before.changed === undefined ? {} : { changed: before.changed };
  return { changed: { by, from: before.type } };
}

function renameOf(
  before: Pick<AgreedColumn, 'name' | 'renamed'> | undefined,
  name: string,
  by: string,
): Pick<AgreedColumn, 'renamed'> {
  if (before === undefined) return {};
  if (before.name === name) return before.renamed === undefined ? {} : { renamed: before.renamed };
  return { renamed: { by, from: before.name } };
}
