import { randomUUID } from 'node:crypto';
import type { ParkBatchesInput } from '../../contract/datasets/dataset-activities.ts';
import type { BatchResult } from '../../pipeline/datasets/documents.ts';
import { claim } from '../../store/claim.ts';
import { batchResult } from '../../store/datasets/dataset-documents.ts';
import type { OpenDataset } from './open-dataset.ts';

/**
 * Gives up batches that failed: their files stay untaken, and the next run takes them. A batch that was read after all, such as by
 * an operator, stays as it is.
 */
export async function parkBatches(
  { files }: OpenDataset,
  { intake, batches }: Pick<ParkBatchesInput, 'intake' | 'batches'>,
  code: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { batch, code: failure, error } of batches) {
    const attempt = randomUUID();
    const parked: BatchResult = {
      ...{ version: 1, intake, batch, attempt, code, missing: [], partitions: [], records: 0 },
      rejects: { count: 0 },
      parked: { code: failure, error },
    };
    await claim(batchResult(files, intake, batch), parked, (found) => found.attempt === attempt, signal);
  }
}
