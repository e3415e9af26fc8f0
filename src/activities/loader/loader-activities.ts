import type { LoaderActivities } from '../../contract/loader-activities.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { isSearchable } from '../temporal/is-searchable.ts';
import { skipBatch, splitBatch } from './batch-requests.ts';
import { loadedTable } from './loader-files.ts';
import { takeBatch } from './take-batch.ts';

/** The activities of a loader's own workflow, on the control queue. */
export function createLoaderActivities(deps: Dependencies): LoaderActivities {
  return {
    openLoader: withErrorClass(
      deps,
      async ({ loader }) => {
        const { table, staging } = await loadedTable(deps, loader);
        return { table, staging, searchable: await isSearchable() };
      },
      'brief',
    ),
    takeBatch: withErrorClass(deps, (input) => takeBatch(deps, input)),
    skipBatch: withErrorClass(deps, (input) => skipBatch(deps, input)),
    splitBatch: withErrorClass(deps, (input) => splitBatch(deps, input)),
  };
}
