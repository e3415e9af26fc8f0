import { TemporalFailure } from '@temporalio/common';
import { isCancellation, patched, proxyActivities } from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { LoaderProgress } from '../../contract/loader/loader.ts';
import type { LoaderActivities } from '../../contract/loader/loader-activities.ts';
import { profiles } from '../profiles.ts';

const bounded = proxyActivities<LoaderActivities>(profiles.report);

/**
 * Notes in S3 whether the loader is paused, so that it still is if it is terminated and a watcher starts it again. Bounded,
 * because orders wait for it.
 * @returns why that failed; empty if it did not
 */
export async function keepPause(loader: string, paused: LoaderProgress['paused']): Promise<string> {
  // Loaders of 0.1.1 kept their pause in the workflow alone.
  if (!patched('pause-in-s3')) return '';
  try {
    await bounded.keepPause({ loader, ...(paused === undefined ? {} : { paused }) });
    return '';
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    return rootCause(error).message;
  }
}
