import { Refusal } from '../failure/refusal.ts';
import { FIRST_NULL_TEXT } from '../item/csv.ts';
import { fingerprint } from '../item/fingerprint.ts';
import { MAX_BATCH_BYTES } from '../sql/batches.ts';
import { guard } from '../sql/guard.ts';
import { byteLength, compareBytes, qualified } from '../sql/identifier.ts';
import { copySql } from './copy-statement.ts';
import { insertLedger, type Loaded, ledgerValues } from './ledger.ts';
import type { PartFile } from './part-file.ts';
import { guardNotVerified } from './schema-state.ts';

/** The most files in one load. The ledger's rows for them have to fit into its batch: of usual keys, about 300 do. */
export const MAX_FILES = 500;
/**
 * Several loads of one layout have about as many files each: a multiple of this, but the last. COPY deals a load's files out
 * to the slices, and Redshift has two, four or sixteen per node.
 */
const FILES_STEP = 16;

/** What a load needs to know about a table. */
interface LoadableTable {
  /** The table's name in the warehouse. */
  readonly name: string;
  /** The columns of the files' fields, in order, by layout id. */
  readonly layouts: Readonly<Record<string, readonly string[]>>;
  /** What means NULL in the files, by layout id; `FIRST_NULL_TEXT` for any other. */
  readonly nullTexts?: Readonly<Record<string, string>> | undefined;
  readonly files: readonly PartFile[];
}

/** One transaction, which loads files of one layout into one table. */
export interface Load {
  readonly table: string;
  readonly layout: string;
  readonly columns: readonly string[];
  /** What means NULL in the files. */
  readonly nullText: string;
  readonly files: readonly PartFile[];
  /** The rows that the table has before the load. */
  readonly rowsBefore: number;
  /** The rows that the load adds. */
  readonly rows: number;
  /** 16 hexadecimal digits that identify exactly these files, for the key of their COPY manifest. */
  readonly filesId: string;
}

/** Where loads write, and how COPY reads. */
export interface LoadTarget {
  readonly stagingSchema: string;
  readonly run: string;
  readonly bucket: string;
  readonly iamRole: string;
  readonly compression: 'zstd' | 'gzip';
  readonly region?: string | undefined;
  /** The schema follows changes once it is verified, and then takes no load any more. */
  readonly followsChanges?: boolean | undefined;
}

type LoadPlan =
  | { readonly kind: 'loads'; readonly loads: readonly Load[] }
  /** The ledger and the table contradict each other: abandon this staging schema for a new generation. */
  | { readonly kind: 'disagrees'; readonly reason: string };

interface LoadLimits {
  readonly maxFiles?: number;
  readonly maxBytes?: number;
}

/**
 * Plans the loads that a table still needs: the files that the ledger does not name, grouped by layout, each load within
 * the Data API's limits. Run them in order, because each expects the rows of the loads before it.
 * @param loaded the current ledger and row count
 * @param wanted selects files; default: all
 * @throws Refusal `StatementTooLong` if a COPY's list of columns alone exceeds the limit.
 */
export function planLoads(
  table: LoadableTable,
  loaded: Loaded,
  target: LoadTarget,
  wanted: (file: PartFile) => boolean = () => true,
  { maxFiles = MAX_FILES, maxBytes = MAX_BATCH_BYTES }: LoadLimits = {},
): LoadPlan {
  const reason = disagreement(table, loaded);
  if (reason !== undefined) return { kind: 'disagrees', reason };
  const done = new Set(loaded.files.map(({ fileKey }) => fileKey));
  const loads: Load[] = [];
  let rowsBefore = loaded.rows;
  for (const [layout, columns] of Object.entries(table.layouts).sort(([a], [b]) => compareBytes(a, b))) {
    const files = table.files
      .filter((file) => file.layout === layout && !done.has(file.key) && wanted(file))
      .sort((a, b) => compareBytes(a.key, b.key));
    const nullText = table.nullTexts?.[layout] ?? FIRST_NULL_TEXT;
    const kind = { table: table.name, layout, columns, nullText };
    for (const some of splitEvenly(kind, files, target, maxFiles, maxBytes)) {
      const load = makeLoad(kind, some, rowsBefore);
      loads.push(load);
      rowsBefore += load.rows;
    }
  }
  return { kind: 'loads', loads };
}

/**
 * A load's statements, for one batch:
 *
 * 1. Lock the table. If the schema will follow changes, a guard: it has not begun to.
 * 2. A guard: the table must still have the rows that the plan expects. A load that is submitted twice fails here.
 * 3. COPY.
 * 4. A guard for the number of rows after the load. If COPY skipped or duplicated rows, the load fails here.
 * 5. The ledger's rows.
 * @param manifestKey the key of the object with the body `copyManifestBody(bucket, load.files)`
 */
export function loadStatements(load: Load, target: LoadTarget, manifestKey: string): string[] {
  const table = qualified(target.stagingSchema, load.table);
  const { stagingSchema: schema, bucket, iamRole, compression, region } = target;
  return [
    `LOCK TABLE ${table}`,
    ...(target.followsChanges === true ? [guardNotVerified(schema)] : []),
    guard(`count(*) = ${load.rowsBefore}`, table),
    copySql({
      schema,
      table: load.table,
      columns: load.columns,
      nullText: load.nullText,
      bucket,
      manifestKey,
      iamRole,
      compression,
      region,
    }),
    guard(`count(*) = ${load.rowsBefore + load.rows}`, table),
    insertLedger(schema, { table: load.table, run: target.run, loadId: load.filesId, files: load.files }),
  ];
}

/** The load's name for statements: the same load always has the same name. */
export function loadStep({ table, filesId, rowsBefore }: Load): string {
  return `load ${table} from row ${rowsBefore} (files ${filesId})`;
}

/** What loads of files of one layout have in common. */
type LoadKind = Pick<Load, 'table' | 'layout' | 'columns' | 'nullText'>;

function makeLoad(kind: LoadKind, files: readonly PartFile[], rowsBefore: number): Load {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const filesId = fingerprint(JSON.stringify(files.map(({ key, etag }) => [key, etag])), 16);
  return { ...kind, files, rowsBefore, rows, filesId };
}

function disagreement(table: LoadableTable, loaded: Loaded): string | undefined {
  const files = new Map(table.files.map((file) => [file.key, file]));
  const named = new Set<string>();
  let rows = 0;
  for (const { fileKey, fileEtag, rows: loadedRows } of loaded.files) {
    const file = files.get(fileKey);
    if (named.has(fileKey)) return `the ledger names ${fileKey} twice`;
    if (file === undefined)
      return `the ledger names ${fileKey}, which is not a file of this run for ${table.name}`;
    if (file.etag !== fileEtag || file.rows !== loadedRows) {
      return `the ledger has ${fileKey} with ETag ${fileEtag} and ${loadedRows} rows, but the manifest has it with ETag ${file.etag} and ${file.rows} rows`;
    }
    named.add(fileKey);
    rows += loadedRows;
  }
  if (rows !== loaded.rows) return `${table.name} has ${loaded.rows} rows, but its ledger has ${rows}`;
  return undefined;
}

/** Into as few loads as the limits allow, and none of them with much less to do than the others. */
function splitEvenly(
  kind: LoadKind,
  files: readonly PartFile[],
  target: LoadTarget,
  maxFiles: number,
  maxBytes: number,
): PartFile[][] {
  const full = split(kind, files, target, maxFiles, maxBytes);
  if (full.length < 2) return full;
  const each = Math.ceil(files.length / full.length / FILES_STEP) * FILES_STEP;
  return split(kind, files, target, Math.min(maxFiles, each), maxBytes);
}

function split(
  kind: LoadKind,
  files: readonly PartFile[],
  target: LoadTarget,
  maxFiles: number,
  maxBytes: number,
): PartFile[][] {
  if (files.length === 0) return [];
  // Everything except the ledger's values, with the longest key that S3 allows and counts of 19 digits.
  const bare = { ...kind, files: [], rowsBefore: 1e18, rows: 0, filesId: '0'.repeat(16) };
  const { table, columns } = kind;
  const empty = loadStatements(bare, target, 'k'.repeat(1024)).reduce((sum, sql) => sum + byteLength(sql), 0);
  const made: PartFile[][] = [];
  let open: PartFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const length = byteLength(ledgerValues({ table, run: target.run, loadId: bare.filesId }, file)) + 2;
    if (empty + length > maxBytes) {
      throw new Refusal(
        'StatementTooLong',
        `The COPY into ${table} has ${empty} bytes, because the table has ${columns.length} columns. The Redshift ` +
          'Data API accepts at most 100 KB. Give the table fewer columns or shorter names.',
      );
    }
    if (open.length > 0 && (open.length === maxFiles || empty + bytes + length > maxBytes)) {
      made.push(open);
      open = [];
      bytes = 0;
    }
    open.push(file);
    bytes += length;
  }
  if (open.length > 0) made.push(open);
  return made;
}
