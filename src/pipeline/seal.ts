import type { Checkpoint, PartFile } from './checkpoint.ts';
import { type ColumnNames, nameColumns } from './column-names.ts';
import { compareBytes } from './identifier.ts';
import type { Key } from './key.ts';
import { type Column, fieldsOf, type Layout } from './layout.ts';
import type { Manifest, ManifestColumn, ManifestTable } from './manifest.ts';
import { attributePath, type Path, ROOT } from './path.ts';
import type { Plan } from './plan.ts';
import { bytesType, COUNT_TYPE, columnType, emptyKeyType, UNSEEN_TYPE } from './redshift-type.ts';
import { Refusal } from './refusal.ts';
import { sealDisagreements } from './seal-proof.ts';
import { type ScalarSeen, type Seen, type TableSeen, tableSeen } from './seen.ts';
import { nameTables } from './table-names.ts';

/** Most columns of a Redshift table. */
export const MAX_COLUMNS = 1600;

export interface SealInput {
  readonly plan: Plan;
  /** Every checkpoint of every segment, once. */
  readonly checkpoints: readonly Checkpoint[];
  /** What they saw, merged. */
  readonly seen: Seen;
  /** The odd items' files, and the layouts they are written in by id. */
  readonly odd: { readonly files: readonly PartFile[]; readonly layouts: Readonly<Record<string, Layout>> };
  /** ISO 8601, UTC. */
  readonly sealedAt: string;
}

/**
 * The sealed run: tables, columns, names, types and what every column must add up to. The same input makes the
 * same manifest, in whatever order the segments come.
 * @throws Refusal `CountsDiffer` when scan, rows seen and files do not add up; `TooManyColumns`.
 */
export function buildManifest({ plan, checkpoints, seen, odd, sealedAt }: SealInput): Manifest {
  const { key } = plan.source;
  const files = [...checkpoints.flatMap((checkpoint) => checkpoint.files), ...odd.files].sort((a, b) =>
    compareBytes(a.key, b.key),
  );
  const layouts = new Map<string, Layout>(
    [...checkpoints.map((checkpoint) => checkpoint.layouts), odd.layouts].flatMap((some) =>
      Object.entries(some),
    ),
  );
  const rejectReasons = sumByReason(checkpoints);
  const totals = {
    items: sum(checkpoints, ({ items }) => items),
    odd: sum(checkpoints, (checkpoint) => checkpoint.odd?.items ?? 0),
    rejects: sum(Object.values(rejectReasons), (n) => n),
  };
  const paths = new Set([ROOT, ...Object.keys(seen.tables), ...files.map(({ table }) => table)]);
  const disagreements = sealDisagreements({ ...totals, key, seen, tables: paths, files });
  if (disagreements.length > 0) {
    throw new Refusal(
      'CountsDiffer',
      `Run ${plan.run} does not add up, so it is not sealed: ${disagreements.join('; ')}. Start a new run; if it ` +
        'happens again, keep the run directory and report it.',
    );
  }
  const names = nameTables(plan.source.tableName, paths);
  const tables = [...names].map(([path, name]): ManifestTable => {
    const ofTable = files.filter(({ table }) => table === path);
    return sealTable(path, name, key, seen, ofTable, layouts);
  });
  return {
    version: 1,
    pipeline: plan.pipeline,
    run: plan.run,
    extractedFrom: plan.plannedAt,
    extractedTo: checkpoints.map(({ endedAt }) => endedAt).reduce(later, plan.plannedAt),
    sealedAt,
    key,
    segments: plan.segments,
    ...totals,
    rejectReasons,
    bytes: sum(files, ({ bytes }) => bytes),
    tables,
  };
}

function sealTable(
  path: Path,
  name: string,
  key: Key,
  seen: Seen,
  files: readonly PartFile[],
  layouts: ReadonlyMap<string, Layout>,
): ManifestTable {
  const ofTable = tableSeen(seen, path);
  const used = [...new Set(files.map(({ layout }) => layout))].sort(compareBytes).map((id) => {
    const layout = layouts.get(id);
    if (layout === undefined) throw new Error(`no checkpoint has layout ${id} of ${files[0]?.key}`);
    return { id, layout };
  });
  const keyPaths = new Set(path === ROOT ? key.map((k) => attributePath(ROOT, k.name)) : []);
  const columns = new Map<string, Column>();
  for (const column of [...columnsSeen(ofTable), ...used.flatMap(({ layout }) => layout.columns)]) {
    if (!keyPaths.has(column.path)) columns.set(identity(column), { path: column.path, form: column.form });
  }
  const names = nameColumns(path, key, [...columns.values()]);
  const total = names.key.length + names.positions.length + names.values.length;
  if (total > MAX_COLUMNS) {
    throw new Refusal(
      'TooManyColumns',
      `Table ${name} would have ${total} columns; a Redshift table has at most ${MAX_COLUMNS}. The items' maps ` +
        `at ${path === ROOT ? 'the top level' : path} have too many different attributes: is a map used as a dictionary?`,
    );
  }
  return {
    path,
    name,
    rows: ofTable.rows,
    columns: manifestColumns(path, key, seen, names),
    layouts: Object.fromEntries(used.map(({ id, layout }) => [id, fieldNames(layout, key, names)])),
    files: [...files],
  };
}

function manifestColumns(table: Path, key: Key, seen: Seen, names: ColumnNames): ManifestColumn[] {
  const root = tableSeen(seen, ROOT);
  const ofTable = tableSeen(seen, table);
  const { rows } = ofTable;
  return [
    ...key.map((attribute, i): ManifestColumn => {
      const path = attributePath(ROOT, attribute.name);
      const scalar = own(root.scalars, path);
      const type = scalar === undefined ? emptyKeyType(attribute.kind) : columnType(scalar, 'key');
      return {
        name: names.key[i] as string,
        type,
        role: 'key',
        path,
        form: 'scalar',
        notNull: true,
        values: rows,
        // How often a key is copied into a child table is not counted, so its bytes are known of the root alone.
        ...(table === ROOT ? textBytes(type, scalar) : {}),
      };
    }),
    ...names.positions.map(
      (name): ManifestColumn => ({
        name,
        type: COUNT_TYPE,
        role: 'position',
        path: table,
        notNull: true,
        values: rows,
      }),
    ),
    ...names.values.map(({ name, path, form }): ManifestColumn => {
      const column = { name, role: 'value' as const, path, form, notNull: false };
      if (form === 'count')
        return { ...column, type: COUNT_TYPE, values: own(ofTable.counts, path)?.values ?? 0 };
      if (form === 'bytes') {
        const bytes = own(ofTable.bytes, path);
        return {
          ...column,
          type: bytesType(bytes ?? { maxBytes: 0, values: 0 }),
          values: bytes?.values ?? 0,
        };
      }
      const scalar = own(ofTable.scalars, path);
      const type = scalar === undefined ? UNSEEN_TYPE : columnType(scalar, 'value');
      return { ...column, type, values: scalar?.values ?? 0, ...textBytes(type, scalar) };
    }),
  ];
}

function textBytes(type: ManifestColumn['type'], scalar: ScalarSeen | undefined): { textBytes?: number } {
  return type.type === 'VARCHAR' ? { textBytes: scalar?.textBytes ?? 0 } : {};
}

/** The names of a layout's fields, in their order in the files. */
function fieldNames(layout: Layout, key: Key, names: ColumnNames): string[] {
  const values = new Map(names.values.map((column) => [identity(column), column.name]));
  let keys = 0;
  return fieldsOf(layout, key).map((field) => {
    if (field.role === 'key') return names.key[keys++] as string;
    if (field.role === 'position') return names.positions[field.level] as string;
    return values.get(identity(field)) as string;
  });
}

function columnsSeen({ scalars, bytes, counts }: TableSeen): Column[] {
  return [
    ...Object.keys(scalars).map((path): Column => ({ path, form: 'scalar' })),
    ...Object.keys(bytes).map((path): Column => ({ path, form: 'bytes' })),
    ...Object.keys(counts).map((path): Column => ({ path, form: 'count' })),
  ];
}

const identity = ({ path, form }: Column) => `${form}:${path}`;

function own<T>(record: Readonly<Record<string, T>>, path: string): T | undefined {
  return Object.hasOwn(record, path) ? record[path] : undefined;
}

function sumByReason(checkpoints: readonly Checkpoint[]): Record<string, number> {
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
