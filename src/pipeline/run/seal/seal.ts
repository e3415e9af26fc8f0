import { type ColumnNames, columnIdentity, positionNames } from '../../columns/column-names.ts';
import { fieldsOf, type Layout } from '../../columns/layout.ts';
import { COUNT_TYPE, columnType, type RedshiftType, UNSEEN_TYPE } from '../../columns/redshift-type.ts';
import { scalarAt, valuesAt } from '../../columns/seen-column.ts';
import { unusedDescriptions } from '../../definition/descriptions.ts';
import type { PipelineDefinition } from '../../definition/pipeline-definition.ts';
import { Refusal } from '../../failure/refusal.ts';
import type { Key } from '../../item/key.ts';
import { aspectPath, attributePath, isRoot, type Path, parentTable } from '../../item/path.ts';
import type { PartFile } from '../../load/part-file.ts';
import { unusedMappings } from '../../mapping/mapping.ts';
import type { LikelyDictionary } from '../../mapping/suggest/likely-dictionaries.ts';
import type { AgreedColumn, AgreedKey, AgreedSchema, AgreedTable } from '../../schema/agreed-schema.ts';
import { type Because, NO_CAUSE, withCauses } from '../../schema/cause.ts';
import { driftOf } from '../../schema/drift.ts';
import { kindWords } from '../../seen/kind-words.ts';
import { type ScalarSeen, type Seen, tableSeen } from '../../seen/seen.ts';
import { compareBytes } from '../../sql/identifier.ts';
import { RUN_COLUMNS } from '../../sql/run-columns.ts';
import type { Manifest, ManifestColumn, ManifestTable } from '../manifest.ts';
import type { Plan } from '../plan.ts';
import type { CheckpointFigures, ItemFile } from '../segments/checkpoint.ts';
import { distributionOf } from './distribution.ts';
import { mappingNotes } from './mapping-notes.ts';
import { disagreements, keyDisagreements } from './proof.ts';

/** The most columns in a Redshift table. */
const MAX_COLUMNS = 1600;

export interface SealInput {
  readonly plan: Plan;
  /** Every checkpoint of every segment, once. */
  readonly checkpoints: readonly CheckpointFigures[];
  /** What they saw, merged. */
  readonly seen: Seen;
  /** Part files of the odd items, encoded at the seal. */
  readonly oddFiles: readonly PartFile[];
  /** Odd items that could not be written at the seal either. */
  readonly oddRejects: {
    readonly rejects: readonly ItemFile[];
    readonly rejectReasons: Readonly<Record<string, number>>;
  };
  /** The layouts of all these files, by id. */
  readonly layouts: ReadonlyMap<string, Layout>;
  /** ISO 8601, UTC. */
  readonly sealedAt: string;
  /** The agreed schema, including what this run saw. */
  readonly agreed: AgreedSchema;
  /** Maps that look like dictionaries. */
  readonly dictionaries?: readonly LikelyDictionary[];
  /** The items that changed the schema. Default: none is known. */
  readonly because?: Because;
}

/**
 * The manifest of a sealed run: the agreed schema's tables and columns, and the counts that every column must add up to.
 * The same input makes the same manifest, whatever the order of the segments.
 * @throws Refusal `CountsDiffer` if scan, rows seen and files do not add up; `TooManyColumns`.
 */
export function buildManifest(input: SealInput): Manifest {
  const { plan, checkpoints, seen, oddFiles, oddRejects, layouts, sealedAt, agreed } = input;
  const { dictionaries = [], because = NO_CAUSE } = input;
  const { key } = plan.source;
  const files = [...checkpoints.flatMap((checkpoint) => checkpoint.files), ...oddFiles].sort((a, b) =>
    compareBytes(a.key, b.key),
  );
  const filesOf = Map.groupBy(files, ({ table }) => table);
  const rejectReasons = sumByReason([...checkpoints, oddRejects]);
  const totals = {
    items: sum(checkpoints, ({ items }) => items),
    odd: sum(checkpoints, (checkpoint) => checkpoint.odd?.items ?? 0),
    rejects: sum(Object.values(rejectReasons), (n) => n),
  };
  const filtered = sum(checkpoints, (checkpoint) => checkpoint.filtered ?? 0);
  const rowsInFiles = new Map<Path, number>();
  for (const { table, rows } of files) rowsInFiles.set(table, (rowsInFiles.get(table) ?? 0) + rows);
  // By now, the odd items are in part files as well.
  const counted = { items: totals.items, odd: 0, rejected: totals.rejects, filtered, rowsInFiles, seen };
  const found = [...disagreements(counted), ...keyDisagreements(key, seen)];
  if (found.length > 0) {
    throw new Refusal(
      'CountsDiffer',
      `The counts of run ${plan.run} do not add up, so it is not sealed: ${found.join('; ')}. If a ` +
        'new run fails in the same way, keep the run directory and report it.',
    );
  }
  const { mapping } = plan.definition;
  const guesses = new Map(plan.unmatched?.settings.map(({ path, hint }) => [path, hint]));
  const sealed = agreed.tables.map((table) => {
    return sealTable(table, agreed, key, seen, filesOf.get(table.path) ?? [], layouts, plan.definition);
  });
  return {
    version: 1,
    pipeline: plan.pipeline,
    run: plan.run,
    ...(plan.refersTo === undefined ? {} : { refersTo: plan.refersTo.run }),
    extractedFrom: plan.plannedAt,
    extractedTo: checkpoints.map(({ endedAt }) => endedAt).reduce(later, plan.plannedAt),
    sealedAt,
    key,
    segments: plan.segments,
    ...totals,
    ...(filtered === 0 ? {} : { filtered }),
    rejectReasons,
    ...(oddRejects.rejects.length === 0 ? {} : { oddRejects: [...oddRejects.rejects] }),
    bytes: sum(files, ({ bytes }) => bytes),
    tables: sealed.map(({ table }) => table),
    drift: withCauses(driftOf(agreed, plan.run, plan.definition.onDrift), agreed, because),
    notes: [
      ...sealed.flatMap(({ notes }) => notes),
      ...unusedMappings(mapping, agreed, guesses),
      ...(filtered > 0 && filtered === totals.items
        ? ['mapping.where leaves out every item: check the names of its attributes, and their values']
        : []),
      ...unusedDescriptions(plan.definition.descriptions, agreed),
      ...mappingNotes(plan, agreed),
    ],
    dictionaries: [...dictionaries],
  };
}

function sealTable(
  { path, name, columns: agreedColumns }: AgreedTable,
  { key: agreedKey, seen: everSeen }: AgreedSchema,
  key: Key,
  seen: Seen,
  files: readonly PartFile[],
  layouts: ReadonlyMap<string, Layout>,
  { mapping, warehouse }: PipelineDefinition,
): { readonly table: ManifestTable; readonly notes: readonly string[] } {
  const ofTable = tableSeen(seen, path);
  const used = [...new Set(files.map(({ layout }) => layout))].sort(compareBytes).map((id) => {
    const layout = layouts.get(id);
    if (layout === undefined)
      throw new Error(`no checkpoint has layout ${id}, which files such as ${files[0]?.key} use`);
    return { id, layout };
  });
  const names: ColumnNames = {
    key: agreedKey.map(({ columnName }) => columnName),
    positions: positionNames(path),
    values: agreedColumns,
  };
  const added = warehouse.runColumns ? RUN_COLUMNS.length : 0;
  const total = names.key.length + names.positions.length + names.values.length + added;
  if (total > MAX_COLUMNS) {
    throw new Refusal(
      'TooManyColumns',
      `Table ${name} would have ${total} columns, but a Redshift table has at most ${MAX_COLUMNS}. The maps at ` +
        `${isRoot(path) ? 'the top level' : path} have too many different attributes. If a map is used as a ` +
        'dictionary, set asRows or asSuper for it in the mapping.',
    );
  }
  const columns = manifestColumns(path, agreedKey, seen, positionsOf(path, everSeen), agreedColumns);
  const nullTexts = used.flatMap(({ id, layout: { nullText } }): [string, string][] =>
    nullText === undefined ? [] : [[id, nullText]],
  );
  const { notes, ...distribution } = distributionOf(path, name, columns, mapping);
  const table: ManifestTable = {
    path,
    name,
    rows: ofTable.rows,
    columns,
    ...distribution,
    layouts: Object.fromEntries(used.map(({ id, layout }) => [id, fieldNames(layout, key, names)])),
    ...(nullTexts.length === 0 ? {} : { nullTexts: Object.fromEntries(nullTexts) }),
    files: [...files],
  };
  return { table, notes };
}

interface Position {
  readonly name: string;
  readonly type: RedshiftType;
  /** If it is the name of a map's entry: the table whose rows are the entries. */
  readonly entries?: Path;
}

/** A table's positions. The type of a map's entry names follows from the names, also in tables below the map's. */
export function positionsOf(table: Path, everSeen: Seen): Position[] {
  const tables = tablesAbove(table);
  return positionNames(table).map((name, level): Position => {
    const entries = tables[level] as Path;
    if (entries.endsWith('[]')) return { name, type: COUNT_TYPE };
    const names = scalarAt(tableSeen(everSeen, entries), aspectPath(entries, 'key'));
    return { name, type: names === undefined ? UNSEEN_TYPE : columnType(names, 'key'), entries };
  });
}

/** The tables that a table's positions refer to, the outermost first, the table itself last. */
function tablesAbove(table: Path): Path[] {
  const parent = parentTable(table);
  return parent === undefined ? [] : [...tablesAbove(parent), table];
}

/** The columns of the DDL, and the counts of their cells in this run. */
function manifestColumns(
  table: Path,
  key: readonly AgreedKey[],
  seen: Seen,
  positions: readonly Position[],
  agreed: readonly AgreedColumn[],
): ManifestColumn[] {
  const ofTable = tableSeen(seen, table);
  const { rows } = ofTable;
  return [
    ...key.map(
      ({ name, path, columnName, type, kind }): ManifestColumn => ({
        name: columnName,
        type,
        role: 'key',
        path,
        form: 'scalar',
        notNull: true,
        values: rows,
        kinds: kindWords({ kinds: [kind], textForms: [] }),
        // Copies of a key in child tables are not counted, so its bytes are known only for root tables.
        ...(isRoot(table) ? textBytes(type, scalarAt(ofTable, attributePath(table, name))) : {}),
      }),
    ),
    ...positions.map(
      ({ name, type, entries }): ManifestColumn => ({
        name,
        type,
        role: 'position',
        path: table,
        notNull: true,
        values: rows,
        ...(entries === table ? textBytes(type, scalarAt(ofTable, aspectPath(table, 'key'))) : {}),
      }),
    ),
    ...agreed.map(({ name, path, form, type }): ManifestColumn => {
      const column = { name, type, role: 'value' as const, path, form, notNull: false };
      const values = valuesAt(ofTable, { path, form });
      if (form !== 'scalar') return { ...column, values };
      const scalar = scalarAt(ofTable, path);
      return { ...column, values, ...textBytes(type, scalar), ...kindsOf(scalar) };
    }),
  ];
}

function textBytes(type: ManifestColumn['type'], scalar: ScalarSeen | undefined): { textBytes?: number } {
  return type.type === 'VARCHAR' ? { textBytes: scalar?.textBytes ?? 0 } : {};
}

const kindsOf = (scalar: ScalarSeen | undefined) =>
  scalar === undefined || scalar.kinds.length === 0 ? {} : { kinds: kindWords(scalar) };

/** The names of a layout's fields, in file order. */
function fieldNames(layout: Layout, key: Key, names: ColumnNames): string[] {
  const values = new Map(names.values.map((column) => [columnIdentity(column), column.name]));
  let keys = 0;
  return fieldsOf(layout, key).map((field) => {
    if (field.role === 'key') return names.key[keys++] as string;
    if (field.role === 'position') return names.positions[field.level] as string;
    return values.get(columnIdentity(field)) as string;
  });
}

function sumByReason(
  checkpoints: readonly Pick<CheckpointFigures, 'rejectReasons'>[],
): Record<string, number> {
  const reasons = new Map<string, number>();
  for (const { rejectReasons } of checkpoints) {
    for (const [reason, n] of Object.entries(rejectReasons))
      reasons.set(reason, (reasons.get(reason) ?? 0) + n);
  }
  return Object.fromEntries([...reasons].sort(([a], [b]) => compareBytes(a, b)));
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

const later = (a: string, b: string) => (Date.parse(b) > Date.parse(a) ? b : a);
