import { WarehouseDefinition } from '../pipeline/pipeline-definition.ts';
import { cancelChildren, endsOfChildren } from './children-by-id.ts';
import type { Dependencies } from './dependencies.ts';
import { extractSegmentPages } from './extract-segment.ts';
import { classed } from './failures.ts';
import type { ControlActivities, ExtractActivities, RunRef } from './interface.ts';
import { loadTableFiles } from './load-table.ts';
import { locateRun } from './locate-run.ts';
import { openRun, planRun } from './plan-run.ts';
import { createStaging, findStaging, nextStaging } from './prepare-staging.ts';
import { replaceLive, tidyWarehouse } from './replace-live.ts';
import { sealRun } from './seal-run.ts';
import { withStatementLog } from './statement-log.ts';
import { verifyStaging } from './verify-staging.ts';
import { writeReport } from './write-report.ts';

/** The activities of the control queue: planning, sealing and everything that talks SQL. */
export function createControlActivities(deps: Dependencies): ControlActivities {
  return {
    planRun: classed((input) => {
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
    }, 'brief'),
    openRun: classed((input) => openRun(deps, input), 'brief'),
    sealRun: classed((input) => sealRun(deps, input)),
    nextStaging: onWarehouse(deps, 'prepare', nextStaging),
    findStaging: onWarehouse(deps, 'prepare', findStaging),
    createStaging: onWarehouse(deps, 'prepare', createStaging),
    loadTableFiles: classed(async (input) => {
      const ref = await locateRun(deps, input);
      return withStatementLog(
        deps,
        'load',
        () => ref,
        (logged) => loadTableFiles(logged, input),
      );
    }),
    verifyStaging: onWarehouse(deps, 'verify', verifyStaging),
    replaceLive: onWarehouse(deps, 'replace', replaceLive),
    tidyWarehouse: onWarehouse(deps, 'replace', tidyWarehouse),
    endsOfChildren: classed(endsOfChildren),
    cancelChildren: classed(cancelChildren),
    writeReport: classed((input) => writeReport(deps, input)),
  };
}

/** The activities of the extraction queue. */
export function createExtractActivities(deps: Dependencies): ExtractActivities {
  return { extractSegmentPages: classed((input) => extractSegmentPages(deps, input)) };
}

/**
 * An activity on a warehouse whose settings come from a workflow's history: one written by an older version lacks
 * what has been added since, so defaults are filled in here. What it has the warehouse run is logged.
 */
function onWarehouse<Input extends { readonly ref: RunRef; readonly warehouse: WarehouseDefinition }, Output>(
  deps: Dependencies,
  phase: string,
  activity: (deps: Dependencies, input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return classed((input) =>
    withStatementLog(
      deps,
      phase,
      () => input.ref,
      (logged) => activity(logged, { ...input, warehouse: WarehouseDefinition.parse(input.warehouse) }),
    ),
  );
}
