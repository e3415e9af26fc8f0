import {
  type ExtractSegmentInput,
  SIGNAL_SEGMENT_SETTLED,
  SIGNAL_TABLE_SETTLED,
} from '../contract/refresh.ts';
import type { ControlActivities, ExtractActivities } from '../contract/refresh-activities.ts';
import { WarehouseDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';
import { extractSegment } from './extract/extract-segment.ts';
import { findStaging } from './live/find-staging.ts';
import { loadTableFiles } from './load/load-table.ts';
import { createStaging, nextStaging, prepareStaging } from './load/prepare-staging.ts';
import { runCheck } from './load/run-check.ts';
import { verifyStaging } from './load/verify-staging.ts';
import { replaceLive, tidyWarehouse } from './replace/replace-live.ts';
import { openRun, planRun } from './run/plan-run.ts';
import { sealRun } from './run/seal-run.ts';
import { writeReport } from './run/write-report.ts';
import type { Dependencies } from './runtime/dependencies.ts';
import { withErrorClass } from './runtime/failures.ts';
import { locateRun } from './runtime/locate-run.ts';
import type { SegmentThreads } from './runtime/segment-context.ts';
import { withStatementLog } from './sql/statement-log.ts';
import { cancelChildren, endsOfChildren } from './temporal/children-by-id.ts';
import { reportingToParent } from './temporal/reporting-to-parent.ts';
import { runSegment } from './temporal/run-segment.ts';
import { watchWork } from './temporal/watch-work.ts';

/** Activities of the control queue: plan, seal and everything that runs SQL. */
export function createControlActivities(deps: Dependencies): ControlActivities {
  return {
    planRun: withErrorClass(
      deps,
      (input) => {
        let ref: RunRef | undefined;
        return withStatementLog(
          deps,
          'plan',
          () => ref,
          async (logged) => {
            const overview = await planRun(logged, input);
            ref = overview.ref;
            return overview;
          },
        );
      },
      'brief',
    ),
    openRun: withErrorClass(deps, (input) => openRun(deps, input), 'brief'),
    sealRun: withErrorClass(deps, (input) => sealRun(deps, input)),
    prepareStaging: onWarehouse(deps, 'prepare', prepareStaging),
    nextStaging: onWarehouse(deps, 'prepare', nextStaging),
    findStaging: onWarehouse(deps, 'prepare', findStaging),
    createStaging: onWarehouse(deps, 'prepare', createStaging),
    loadTableFiles: withErrorClass(deps, async (input) => {
      const ref = await locateRun(deps, input);
      const { parent, run } = input;
      return reportingToParent({ parent, signal: SIGNAL_TABLE_SETTLED, of: { run } }, () =>
        withStatementLog(
          deps,
          'load',
          () => ref,
          (logged) => loadTableFiles(logged, input),
        ),
      );
    }),
    verifyStaging: onWarehouse(deps, 'verify', verifyStaging),
    runCheck: onWarehouse(deps, 'verify', runCheck),
    replaceLive: onWarehouse(deps, 'replace', replaceLive),
    tidyWarehouse: onWarehouse(deps, 'replace', tidyWarehouse),
    endsOfChildren: withErrorClass(deps, endsOfChildren),
    cancelChildren: withErrorClass(deps, cancelChildren),
    watchWork: withErrorClass(deps, watchWork),
    writeReport: withErrorClass(deps, (input) => writeReport(deps, input)),
  };
}

/**
 * Activities of the extraction queue.
 * @param threads that extract the segments; if omitted, this thread does
 */
export function createExtractActivities(
  deps: Dependencies,
  threads: SegmentThreads | undefined,
): ExtractActivities {
  return {
    extractSegmentPages: withErrorClass(deps, async (input: ExtractSegmentInput) => {
      const ref = await locateRun(deps, input);
      const { segment, parent, run } = input;
      return reportingToParent({ parent, signal: SIGNAL_SEGMENT_SETTLED, of: { run } }, () =>
        runSegment({ deps, threads, parent }, 'extract', extractSegment, { ref, segment }),
      );
    }),
  };
}

/**
 * An activity on a warehouse whose settings come from a workflow's history. A history written by an older version
 * lacks settings added since, so their defaults are filled in here. The activity's transactions are logged.
 */
function onWarehouse<Input extends { readonly ref: RunRef; readonly warehouse: WarehouseDefinition }, Output>(
  deps: Dependencies,
  phase: string,
  activity: (deps: Dependencies, input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return withErrorClass(deps, (input) =>
    withStatementLog(
      deps,
      phase,
      () => input.ref,
      (logged) => activity(logged, { ...input, warehouse: WarehouseDefinition.parse(input.warehouse) }),
    ),
  );
}
