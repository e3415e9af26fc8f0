import { randomUUID } from 'node:crypto';
import type { ParkBatchesInput } from '../../contract/datasets/dataset-activities.ts';
import type { BatchResult } from '../../pipeline/datasets/documents.ts';
import { claim } from '../../store/claim.ts';
import { batchResult, intakePlan } from '../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../store/document.ts';
import type { OpenDataset } from './open-dataset.ts';

/**
 * Gives up batches that failed: their files stay untaken, and the next run takes them. A batch that was read after all, such as by
 * an operator, stays as it is.
 */
export async function parkBatches(
  { files }: OpenDataset,
  { intake, batches }: Pick<ParkBatchesInput, 'intake' | 'batches'>,
  signal: AbortSignal,
): Promise<void> {
  const { code = '' } = (await findDocument(intakePlan(files, intake), signal)) ?? {};
  for (const { batch, code: failure, error } of batches) {
    const attempt = randomUUID();
    const parked: BatchResult = {
      ...{ version: 1, intake, batch, attempt, code, missing: [], damaged: [], partitions: [] },
      records: 0,
      rejects: { count: 0 },
      parked: { code: failure, error },
    };
    await claim(batchResult(files, intake, batch), parked, (found) => found.attempt === attempt, signal);
  }
}
