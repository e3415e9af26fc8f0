import { randomBytes } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { WarehouseTarget } from '../../clients/warehouse.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { copyProbe } from '../../pipeline/load/copy-statement.ts';
import { copyProbeKey } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { LoadFailed, runTransaction } from './transaction.ts';

/**
 * Makes COPY check a file of the run directory without loading it (NOLOAD), into a temporary table. So a role that
 * does not exist, cannot be assumed or may not read the bucket is found now rather than after hours of extraction.
 * @throws Terminal `CopyRefused` about the role, the bucket, its key or its region
 */
export async function proveCopyAllowed(
  deps: Dependencies,
  ref: RunRef,
  warehouse: WarehouseDefinition,
  signal: AbortSignal,
): Promise<void> {
  const manifestKey = copyProbeKey(ref);
  await deps.store(ref.bucket).put(manifestKey, '"probe"\n', { signal, contentType: 'text/csv' });
  try {
    await copyOf(deps, { bucket: ref.bucket, key: manifestKey }, warehouse, signal);
  } catch (error) {
    const tried = `It tried s3://${ref.bucket}/${manifestKey} with role ${warehouse.iamRole}.`;
    if (error instanceof LoadFailed) throw new Terminal('CopyRefused', `${error.message} ${tried}`);
    if (!(error instanceof Terminal) || error.code === 'GrantMissing') throw error;
    throw new Terminal(
      error.code === 'StatementFailed' ? 'CopyRefused' : error.code,
      `${error.message} ${tried}`,
    );
  }
}

/**
 * Makes COPY check an object without loading it (NOLOAD), into a temporary table with one column.
 * @throws LoadFailed about the object's rows: it was read; Terminal `CopyRefused` about the role, the bucket, its key or its region
 */
export async function copyOf(
  deps: Pick<Dependencies, 'warehouse'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  warehouse: WarehouseTarget & { readonly iamRole: string; readonly region?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { iamRole, region } = warehouse;
  const table = `tributary_probe_${randomBytes(4).toString('hex')}`;
  const statements = copyProbe({ table, bucket, key, iamRole, region });
  const transaction = { name: 'tributary copy probe', scope: table, statements };
  await runTransaction(deps.warehouse(warehouse), transaction, signal);
}
