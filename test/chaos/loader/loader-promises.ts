import { bareEtag } from '../../../src/pipeline/loader/source-file.ts';
import { merged } from '../../integration/loader/merge-model.ts';
import { textRow } from '../../run-sql.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import { difference } from '../difference.ts';
import type { Directory } from './directory.ts';
import {
  appendedRows,
  COLUMNS,
  type FilesShape,
  MERGE,
  mergedEntries,
  unorderedEntries,
  type Version,
} from './generated-files.ts';

/** A version of a file that was put. */
export interface Put extends Version {
  readonly key: string;
  readonly etag: string;
  readonly announced: boolean;
}

export interface Loaded {
  readonly shape: FilesShape;
  readonly schema: string;
  readonly table: string;
  readonly bucket: string;
  readonly directory: Directory;
  readonly puts: readonly Put[];
}

type Shown = Record<string, string | null>;

/** The broken promises; empty if there are none. */
export async function brokenLoaderPromises(stack: ChaosStack, loaded: Loaded): Promise<string[]> {
  const ledger = await readRows(stack, loaded, `_tributary_files__${loaded.table}`);
  return [
    ...(await wrongRows(stack, loaded, ledger)),
    ...(await forgottenFiles(loaded, ledger)),
    ...(await wrongBatches(stack, loaded, ledger)),
    ...(await leftBehind(stack, loaded)),
  ];
}

async function readRows(stack: ChaosStack, { schema }: Loaded, table: string): Promise<Shown[]> {
  const [rows = []] = await stack.sql(`SELECT * FROM "${schema}"."${table}"`);
  return rows.map(textRow);
}

const idOf = (key: string | null | undefined, etag: string | null | undefined) => `${key} ${etag}`;

/** The table holds what the files hold that the ledger calls loaded: each row of an append once, each key of a merge once. */
async function wrongRows(stack: ChaosStack, loaded: Loaded, ledger: readonly Shown[]): Promise<string[]> {
  const { shape, table, puts } = loaded;
  const wasLoaded = new Set(
    ledger.filter(({ state }) => state === 'loaded').map(({ file_key, etag }) => idOf(file_key, etag)),
  );
  const read = puts.filter(({ key, etag }) => wasLoaded.has(idOf(key, bareEtag(etag))));
  const found = await readRows(stack, loaded, table);
  if (!shape.merges) {
    const expected = read.flatMap((put) => appendedRows(shape, put));
    return [
      ...twice(found, ['file', 'version', 'n'], 'row'),
      ...difference(table, shown(expected), shown(found)),
    ];
  }
  const columns = Object.keys(COLUMNS.merge);
  const entries = read.flatMap((put) => [...mergedEntries(shape, put), ...unorderedEntries(shape, put)]);
  const model = merged(MERGE, columns, [], entries);
  const tombstones = await readRows(stack, loaded, `_tributary_tombstones__${table}`);
  const setAside = await readRows(stack, loaded, `_tributary_set_aside__${table}`);
  return [
    ...twice(found, MERGE.key, 'key'),
    ...difference(table, shown(model.rows), shown(found)),
    ...difference(
      'the tombstones',
      shown(model.tombstones),
      shown(tombstones.map(({ k1 = null, k2 = null, seq = null }) => ({ k1, k2, seq }))),
    ),
    ...(setAside.length === model.setAside
      ? []
      : [`${setAside.length} rows were set aside, of ${model.setAside} without a key or newest`]),
  ];
}

const shown = (rows: readonly Shown[]) =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));

function twice(rows: readonly Shown[], columns: readonly string[], what: string): string[] {
  const keys = rows.map((row) => JSON.stringify(columns.map((column) => row[column])));
  const repeated = new Set(keys.filter((key, n) => keys.indexOf(key) !== n));
  return [...repeated].slice(0, 3).map((key) => `${what} ${key} is in the table more than once`);
}

/** Every version that was announced, and every last one, is in the ledger, or its batch names its outcome. */
async function forgottenFiles(
  { shape, puts, directory, bucket }: Loaded,
  ledger: readonly Shown[],
): Promise<string[]> {
  const broken: string[] = [];
  const ids = ledger.map(({ file_key, etag }) => idOf(file_key, etag));
  for (const id of new Set(ids.filter((each, n) => ids.indexOf(each) !== n)))
    broken.push(`the ledger has ${id} more than once`);
  const known = new Set(ids);
  const overwritten = new Set<string>();
  const skippable = new Set<string>();
  const bad = new Set(
    puts
      .filter(({ file, version }) => file === shape.bad && version === 1)
      .map(({ key, etag }) => idOf(key, bareEtag(etag))),
  );
  for (const { batch, closed } of await directory.batches()) {
    const files = batch.files.map(({ key, etag }) => idOf(key, etag));
    if (closed?.outcome === 'skipped' && files.some((id) => bad.has(id)))
      for (const id of files) skippable.add(id);
    if (closed?.outcome !== 'loaded') continue;
    for (const { key, etag, outcome } of closed.others)
      if (outcome === 'overwritten') overwritten.add(idOf(key, etag));
  }
  const last = new Map(puts.map((put) => [put.key, put]));
  for (const put of puts) {
    const id = idOf(put.key, bareEtag(put.etag));
    const isLast = last.get(put.key) === put;
    if (known.has(id)) continue;
    if (!isLast && (overwritten.has(id) || !put.announced)) continue;
    broken.push(`s3://${bucket}/${id} was forgotten: neither the ledger nor a batch knows it`);
  }
  for (const { file_key, etag, state } of ledger) {
    if (state === 'skipped' && !skippable.has(idOf(file_key, etag)))
      broken.push(`${file_key} was skipped, although no operator skipped its batch`);
  }
  return broken;
}

/** Every batch is closed and was committed at most once, and its files are in the ledger under one batch's number. */
async function wrongBatches(stack: ChaosStack, loaded: Loaded, ledger: readonly Shown[]): Promise<string[]> {
  const broken: string[] = [];
  const committed = (await readRows(stack, loaded, `_tributary_batches__${loaded.table}`)).map(({ batch }) =>
    Number(batch),
  );
  if (new Set(committed).size < committed.length)
    broken.push(`a batch was committed more than once: ${committed.sort((a, b) => a - b).join(', ')}`);
  const batches = await loaded.directory.batches();
  for (const { batch, closed } of batches) {
    if (closed === undefined) broken.push(`batch ${batch.batch} is still open`);
    else if (closed.outcome !== 'loaded' && committed.includes(batch.batch))
      broken.push(`batch ${batch.batch} was committed, but its outcome is ${closed.outcome}`);
  }
  const of = new Map(
    batches.map(({ batch }) => [batch.batch, new Set(batch.files.map(({ key, etag }) => idOf(key, etag)))]),
  );
  for (const { batch, file_key, etag } of ledger) {
    if (of.get(Number(batch))?.has(idOf(file_key, etag)) !== true)
      broken.push(`the ledger says that batch ${batch} took ${file_key}, which is not in its batch.json`);
  }
  return broken;
}

/** No file waits, no statement runs, and the lock row is one. */
async function leftBehind(stack: ChaosStack, loaded: Loaded): Promise<string[]> {
  const broken: string[] = [];
  if (!(await loaded.directory.isDone())) broken.push('inbox pages or marks of open batches are left');
  const open = await stack.openStatements(loaded.schema);
  if (open.length > 0) broken.push(`statements still running: ${open.join('; ')}`);
  const locks = await readRows(stack, loaded, `_tributary_lock__${loaded.table}`);
  if (locks.length !== 1) broken.push(`the lock table has ${locks.length} rows`);
  return broken;
}
