import { Context } from '@temporalio/activity';
import type { LoaderActivities } from '../../contract/loader/loader-activities.ts';
import { findPause, writePause } from '../../store/loader/pause-file.ts';
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
        const { table, staging, files } = await loadedTable(deps, loader);
        const paused = await findPause(files, Context.current().cancellationSignal);
        return {
          ...{ table, staging, searchable: await isSearchable() },
          ...(paused === undefined ? {} : { paused }),
        };
      },
      'brief',
    ),
    keepPause: withErrorClass(
      deps,
      async ({ loader, paused }) => {
        const { files } = await loadedTable(deps, loader);
        await writePause(files, paused, Context.current().cancellationSignal);
      },
      'brief',
    ),
    takeBatch: withErrorClass(deps, (input) => takeBatch(deps, input)),
    skipBatch: withErrorClass(deps, (input) => skipBatch(deps, input)),
    splitBatch: withErrorClass(deps, (input) => splitBatch(deps, input)),
  };
}
