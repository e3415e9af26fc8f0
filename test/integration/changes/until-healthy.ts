import type { ApplyProgress } from '../../../src/contract/changes/changes.ts';
import { until } from '../pipeline/until.ts';

/**
 * Waits until a destination is neither blocked nor catching up, and needs no refresh. The warehouse has the rows of an
 * apply before the workflow has its result: right after the rows, its progress may still be that of the round before.
 */
export const untilHealthy = (progress: () => Promise<ApplyProgress>): Promise<ApplyProgress> =>
  until(progress, ({ blocked, needsRefresh, catchUp }) =>
    [blocked, needsRefresh, catchUp].every((each) => each === undefined),
  );
