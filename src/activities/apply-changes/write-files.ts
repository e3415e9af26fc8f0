import type { ObjectStore } from '../../clients/object-store.ts';
import { nameInUse, type TableInUse } from '../../pipeline/apply/tables-in-use.ts';
import { keyColumns, keyLine } from '../../pipeline/changes/apply-keys.ts';
import type { ApplyPlan, ApplyTable } from '../../pipeline/changes/apply-plan.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import { NULL_TEXT } from '../../pipeline/item/csv.ts';
import type { Key } from '../../pipeline/item/key.ts';
import { copyManifestBody } from '../../pipeline/load/copy-statement.ts';
import type { PartFile } from '../../pipeline/load/part-file.ts';
import { tableFolder } from '../../pipeline/run/segments/part-key.ts';
import type { LastImages } from '../../store/changes/last-images.ts';
import { type Compression, PartBuffer, SUFFIX } from '../../store/part-buffer.ts';
import type { MadeRows } from './make-rows.ts';

/** What COPY reads in one apply. */
export interface AppliedFiles {
  readonly keys: ApplyPlan['keys'];
  readonly tables: readonly ApplyTable[];
  readonly rows: number;
}

const LINES_PER_DRAIN = 2000;

/**
 * Writes what COPY reads: a file of the keys, one file of rows per table, and the manifests of these.
 * @param directory of this execution alone; ends in a slash
 */
export async function writeFiles(
  {
    store,
    directory,
    epoch,
  }: { readonly store: ObjectStore; readonly directory: string; readonly epoch: string },
  {
    images,
    made,
    layouts,
  }: { readonly images: LastImages; readonly made: MadeRows; readonly layouts: readonly Layout[] },
  {
    key,
    tables,
    compression,
  }: { readonly key: Key; readonly tables: readonly TableInUse[]; readonly compression: Compression },
  signal: AbortSignal,
): Promise<AppliedFiles> {
  const withKeys = tables.map((table) => ({ table, key: keyOf(table) }));
  const files = await made.files.upload(store, directory, signal);
  const manifest = async (name: string, file: PartFile) => {
    const manifestKey = `${directory}${name}.manifest`;
    await store.put(manifestKey, copyManifestBody(store.bucket, [file]), { signal });
    return manifestKey;
  };
  const columns = keyColumns(key, withKeys);
  const part = new PartBuffer(compression);
  let lines = 0;
  let setAsideLines = 0;
  for (const last of images.images()) {
    const reason = made.rejected.get(last);
    const { shard, checkpoint } = last;
    if (reason !== undefined) setAsideLines++;
    const setAside = reason === undefined ? {} : { setAside: { epoch, shard, checkpoint, reason } };
    part.append(keyLine(key, last.key, columns, { ...setAside, nullText: NULL_TEXT }), 1);
    if (++lines % LINES_PER_DRAIN === 0) await part.drain();
  }
  const body = await part.finish();
  const keysFile = `${directory}keys.csv.${SUFFIX[compression]}`;
  const etag = await store.put(keysFile, body, { signal });
  const asPart: PartFile = {
    ...{
      key: keysFile,
      etag,
      table: '',
      layout: '',
      rows: lines,
      bytes: body.byteLength,
      rawBytes: part.rawBytes,
    },
  };
  const ofTable = new Map(files.map((file) => [file.table, file]));
  const layoutOf = new Map(layouts.map((layout) => [layout.table, layout]));
  const applied: ApplyTable[] = [];
  for (const { table, key: keyColumnsOfTable } of withKeys) {
    const file = ofTable.get(table.path);
    const copies =
      file === undefined
        ? []
        : [
            {
              manifestKey: await manifest(tableFolder(table.path), file),
              columns: fieldNames(table, layoutOf.get(table.path) as Layout),
              rows: file.rows,
              files: [file.key],
            },
          ];
    applied.push({ name: table.name, key: keyColumnsOfTable, copies });
  }
  return {
    keys: { manifestKey: await manifest('keys', asPart), count: lines, setAside: setAsideLines },
    tables: applied,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
  };
}

const keyOf = ({ columns }: TableInUse) =>
  columns.flatMap(({ role, name, type }) => (role === 'key' ? [{ name, type }] : []));

/** The names of a file's fields, in order: key, positions, then the layout's columns. */
function fieldNames(table: TableInUse, layout: Layout): string[] {
  const leading = table.columns.flatMap(({ role, name }) => (role === 'value' ? [] : [name]));
  return [...leading, ...layout.columns.map((column) => nameInUse(table, column))];
}

/** Deletes what `writeFiles` wrote, after the apply or without it. */
export async function removeFiles(store: ObjectStore, directory: string, signal: AbortSignal): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list(directory, { signal })) keys.push(key);
  if (keys.length > 0) await store.delete(keys, { signal });
}
