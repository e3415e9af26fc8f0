import { Terminal } from '../../clients/errors.ts';
import type { Epoch } from '../../pipeline/changes/log-documents.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { findEpoch } from '../../store/changes/log-files.ts';

/** @throws Terminal `BadInput` if the pipeline has no log of this epoch */
export async function readEpoch(log: ChangeLog, signal: AbortSignal): Promise<Epoch> {
  const found = await findEpoch(log, signal);
  if (found !== undefined) return found;
  const { prefix, pipeline, epoch } = log.at;
  throw new Terminal(
    'BadInput',
    `Pipeline ${pipeline} has no change log of epoch ${JSON.stringify(epoch)} in s3://${log.store.bucket}/${prefix}. ` +
      'followChanges opens it.',
  );
}
