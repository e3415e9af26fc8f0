import type { LoadBatchActivities } from '../../contract/loader/load-batch-activities.ts';
import { SIGNAL_BATCH_SETTLED } from '../../contract/loader/loader.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { reportingToParent } from '../temporal/reporting-to-parent.ts';
import { loadBatchFiles } from './load-batch-files.ts';
import { openLoader } from './open-batch.ts';
import { acceptTable } from './prepare-target.ts';
import { recordBatchFailure } from './record-batch-failure.ts';

/** Activities of batches, on the control queue. */
export function createLoadBatchActivities(deps: Dependencies): LoadBatchActivities {
  return {
    loadBatchFiles: withErrorClass(deps, (input) =>
      reportingToParent({ parent: input.parent, signal: SIGNAL_BATCH_SETTLED, of: {} }, () =>
        loadBatchFiles(deps, input),
      ),
    ),
    acceptTable: withErrorClass(deps, ({ loader }) =>
      whileHeartbeating(
        () => `accepting the table of loader ${loader}`,
        async (signal) => acceptTable(await openLoader(deps, loader, signal)),
      ),
    ),
    recordBatchFailure: withErrorClass(deps, (input) => recordBatchFailure(deps, input), 'brief'),
  };
}
