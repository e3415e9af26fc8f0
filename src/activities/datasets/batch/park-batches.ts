import type { ParkBatchesInput } from '../../../contract/datasets/dataset-activities.ts';
import { claim, writtenBy } from '../../../store/claim.ts';
import { batchResult, intakePlan } from '../../../store/datasets/dataset-documents.ts';
import { parkedBatch } from '../../../store/datasets/intakes.ts';
import { findDocument } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import type { OpenDataset } from '../open-dataset.ts';
import { findAgain } from '../whole-listing.ts';

/**
 * Gives up batches that failed: their files stay untaken, and the next run takes them. A batch that was read after all, such as by
 * an operator, stays as it is.
 */
export async function parkBatches(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  dataset: OpenDataset,
  { intake, batches }: Pick<ParkBatchesInput, 'intake' | 'batches'>,
  signal: AbortSignal,
): Promise<void> {
  const { files } = dataset;
  const plan = await findDocument(intakePlan(files, intake), signal);
  const { code = '' } = plan ?? {};
  for (const { batch, code: failure, error } of batches) {
    const parked = parkedBatch({ intake, code }, batch, { code: failure, error });
    await claim(batchResult(files, intake, batch), parked, writtenBy(parked.attempt), signal);
  }
  const given = new Set(batches.map(({ batch }) => batch));
  const waiting =
    plan?.batches.filter(({ number }) => given.has(number)).flatMap((batch) => batch.files) ?? [];
  const now = await sharedTime(deps, files.store.bucket, { signal });
  await findAgain(
    dataset,
    waiting.map(({ key }) => key),
    now,
    signal,
  );
}
