import type { BatchFailed } from '../../contract/loader/load-batch-activities.ts';
import type { BatchFailure } from '../../pipeline/loader/loader-documents.ts';
import { findDocument, JSON_FILE } from '../../store/document.ts';
import { batchClosedDocument, batchFailureDocument } from '../../store/loader/batch-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { countBatch } from '../runtime/metrics.ts';
import { awaitingConfig, isOfConfig } from './await-config.ts';
import { openBatch } from './open-batch.ts';
import { nameOf } from './prepare-target.ts';

/** Records why a batch is parked, so that a recreated loader and `loader status` know it. A later failure replaces it. */
export async function recordBatchFailure(deps: Dependencies, input: BatchFailed): Promise<void> {
  const { batch, code, message } = input;
  await whileHeartbeating(
    () => `recording that batch ${batch} failed`,
    async (signal) => {
      const opening = () => openBatch(deps, input, signal);
      // Without a valid configuration, there is no directory to record in that it is invalid.
      const open = await (isOfConfig(code) ? opening() : awaitingConfig(opening));
      if ((await findDocument(batchClosedDocument(open, batch), signal)) !== undefined) return;
      const at = new Date(deps.nowMs()).toISOString();
      const failure: BatchFailure = { version: 1, code, message, at };
      await open.store.put(batchFailureDocument(open, batch).key, JSON.stringify(failure), {
        signal,
        ...JSON_FILE,
      });
      countBatch(nameOf(open), 'parked');
    },
  );
}
