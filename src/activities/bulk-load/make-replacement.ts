import type { BulkLoadActivities } from '../../contract/loader/bulk-load.ts';
import { claimReplacement } from '../../store/loader/claim-replacement.ts';
import { loadedTable } from '../loader/loader-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { inFolder, openBatches, replacementFiles, waitingInFolder } from './replacement-files.ts';

type Replacement = Awaited<ReturnType<BulkLoadActivities['claimReplacement']>>;

/**
 * Makes the batch of a replacement: a barrier with a number of its own. With `before`, it supersedes the parked batches with
 * files of the same folder, and the files of that folder that wait.
 */
export async function makeReplacement(
  deps: Dependencies,
  { load, place, supersede }: Parameters<BulkLoadActivities['claimReplacement']>[0],
): Promise<Replacement> {
  return whileHeartbeating(
    () => `making the batch of load ${load.name}`,
    async (signal) => {
      const { files } = await loadedTable(deps, load.loader);
      const { found, counts } = await replacementFiles(deps, load, signal);
      const batch = await claimReplacement(
        files,
        { load: load.name, after: load.newest },
        async (number) => {
          const open = await openBatches(files, signal);
          const named = new Set(supersede);
          const superseded = open.filter(
            (each) =>
              named.has(each.batch.batch) ||
              (place === 'before' &&
                each.failure !== undefined &&
                each.batch.files.some((file) => inFolder(found, file, load.from))),
          );
          const waiting = place === 'before' ? await waitingInFolder(files, load, found, signal) : [];
          return {
            version: 1,
            batch: number,
            createdAt: new Date(deps.nowMs()).toISOString(),
            reason: 'replace',
            files: [...found],
            pages: [],
            load: load.name,
            replace: load.replace!,
            supersedes: superseded.map((each) => each.batch.batch),
            ...(waiting.length === 0 ? {} : { supersededFiles: waiting }),
          };
        },
        signal,
      );
      return { batch: batch.batch, supersedes: batch.supersedes ?? [], found: counts };
    },
  );
}
