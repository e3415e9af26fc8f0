import { WarehouseDefinition } from '../pipeline/pipeline-definition.ts';
import type { Dependencies } from './dependencies.ts';
import { extractSegmentPages } from './extract-segment.ts';
import { classed } from './failures.ts';
import type { ControlActivities, ExtractActivities } from './interface.ts';
import { listBackups } from './list-backups.ts';
import { loadTableFiles } from './load-table.ts';
import { openRun, planRun } from './plan-run.ts';
import { createStaging, findStaging, nextStaging } from './prepare-staging.ts';
import { replaceLive, tidyWarehouse } from './replace-live.ts';
import { rollBack } from './roll-back.ts';
import { sealRun } from './seal-run.ts';
import { verifyStaging } from './verify-staging.ts';
import { writeReport } from './write-report.ts';

/** The activities of the control queue: planning, sealing and everything that talks SQL. */
export function createControlActivities(deps: Dependencies): ControlActivities {
  return {
    planRun: classed((input) => planRun(deps, input)),
    openRun: classed((input) => openRun(deps, input)),
    sealRun: classed((input) => sealRun(deps, input)),
    nextStaging: onWarehouse((input) => nextStaging(deps, input)),
    findStaging: onWarehouse((input) => findStaging(deps, input)),
    createStaging: onWarehouse((input) => createStaging(deps, input)),
    loadTableFiles: classed((input) => loadTableFiles(deps, input)),
    verifyStaging: onWarehouse((input) => verifyStaging(deps, input)),
    replaceLive: onWarehouse((input) => replaceLive(deps, input)),
    tidyWarehouse: onWarehouse((input) => tidyWarehouse(deps, input)),
    rollBack: classed((input) => rollBack(deps, input)),
    backupsOf: classed((input) => listBackups(deps, input)),
    writeReport: classed((input) => writeReport(deps, input)),
  };
}

/** The activities of the extraction queue. */
export function createExtractActivities(deps: Dependencies): ExtractActivities {
  return { extractSegmentPages: classed((input) => extractSegmentPages(deps, input)) };
}

/**
 * An activity on a warehouse whose settings come from a workflow's history: one written by an older version lacks
 * what has been added since, so defaults are filled in here.
 */
function onWarehouse<Input extends { readonly warehouse: WarehouseDefinition }, Output>(
  activity: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return classed((input) => activity({ ...input, warehouse: WarehouseDefinition.parse(input.warehouse) }));
}
