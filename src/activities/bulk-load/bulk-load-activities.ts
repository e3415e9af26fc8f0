import type { BulkLoadActivities } from '../../contract/loader/bulk-load.ts';
import { pagesOfLoad } from '../../store/loader/load-batches.ts';
import { loadedTable } from '../loader/loader-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { announceFiles } from './announce-files.ts';
import { findEarlier, waitForEarlier } from './earlier-batches.ts';
import { followLoad } from './follow-load.ts';
import { hintLoader } from './hint-loader.ts';
import { makeReplacement } from './make-replacement.ts';
import { openLoad } from './open-load.ts';

/** Activities of bulk loads, on the control queue, except those that mostly wait. */
export function createBulkLoadActivities(
  deps: Dependencies,
): Omit<BulkLoadActivities, 'followLoad' | 'waitForEarlier'> {
  return {
    openLoad: withErrorClass(deps, (input) => openLoad(deps, input), 'brief'),
    announceFiles: withErrorClass(deps, (input) => announceFiles(deps, input)),
    findEarlier: withErrorClass(deps, (input) => findEarlier(deps, input)),
    claimReplacement: withErrorClass(deps, (input) => makeReplacement(deps, input)),
    hintLoader: withErrorClass(deps, ({ load }) =>
      whileHeartbeating(
        () => `notifying the loader of load ${load.name}`,
        () => hintLoader(load),
      ),
    ),
    withdrawLoad: withErrorClass(deps, ({ load }) =>
      whileHeartbeating(
        () => `withdrawing load ${load.name}`,
        async (signal) => {
          const { files } = await loadedTable(deps, load.loader);
          const pages = await pagesOfLoad(files, load.name, signal);
          if (pages.length > 0) await files.store.delete(pages, { signal });
        },
      ),
    ),
  };
}

/** Those that mostly wait, on the task queue of loaders. */
export function createBulkLoadWaits(
  deps: Dependencies,
): Pick<BulkLoadActivities, 'followLoad' | 'waitForEarlier'> {
  return {
    followLoad: withErrorClass(deps, (input) => followLoad(deps, input)),
    waitForEarlier: withErrorClass(deps, (input) => waitForEarlier(deps, input)),
  };
}
