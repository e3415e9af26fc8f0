import { tablesInUse } from '../../../src/pipeline/apply/tables-in-use.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import type { Manifest } from '../../../src/pipeline/run/manifest.ts';
import { findEvolved } from '../../../src/store/changes/evolved-file.ts';
import type { Plain } from '../../unit/pipeline/mapping/plain.ts';
import type { TestPipeline } from '../pipeline/harness.ts';
import { itemsInWarehouse, readManifest, type Stored } from '../pipeline/warehouse-items.ts';

/** The items of a live schema, put together again from the rows of its tables. @param run the run that is live */
export async function liveItems(
  harness: Stored,
  of: TestPipeline,
  run: string,
  key: Key,
): Promise<Map<string, Plain>> {
  return itemsInWarehouse(harness, of.schema, await manifestInUse(harness, of, run), key);
}

/** The tables with what changes have added, as a manifest with the rows that they have now. */
export async function manifestInUse(harness: Stored, of: TestPipeline, run: string): Promise<Manifest> {
  const manifest = await readManifest(harness, of, run);
  const { prefix, bucket } = of.definition.staging;
  const evolved = await findEvolved(harness.store, { bucket, prefix, pipeline: of.pipeline, run });
  const tables: Manifest['tables'][number][] = [];
  for (const { path, name, columns } of tablesInUse(manifest, evolved)) {
    const [row] = await harness.sql(`SELECT count(*) AS n FROM "${of.schema}"."${name}"`);
    const withValues = columns.map((column) => ({ ...column, values: 0 }));
    tables.push({ path, name, rows: Number(row?.n), columns: withValues, layouts: {}, files: [] });
  }
  return { ...manifest, tables };
}
