import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { listBackups } from '../replace/list-backups.ts';
import { rollBack } from '../replace/roll-back.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { checkDatasetServices } from './check-dataset.ts';
import { checkLoaderServices } from './check-loader.ts';
import { checkServices } from './check-services.ts';
import { estimateRun } from './estimate-run.ts';
import { pruneChangeLog } from './prune-log.ts';
import { pruneRunDirectories } from './prune-runs.ts';
import { removeLeftovers } from './remove-leftovers.ts';

/** Maintenance activities, on the control queue. */
export function createMaintenanceActivities(deps: Dependencies): MaintenanceActivities {
  return {
    rollBack: withErrorClass(deps, (input) => rollBack(deps, input), 'brief'),
    backupsOf: withErrorClass(deps, (input) => listBackups(deps, input), 'brief'),
    pruneRunDirectories: withErrorClass(deps, (input) => pruneRunDirectories(deps, input), 'brief'),
    pruneChangeLog: withErrorClass(deps, (input) => pruneChangeLog(deps, input), 'brief'),
    checkServices: withErrorClass(deps, (input) => checkServices(deps, input), 'brief'),
    checkLoaderServices: withErrorClass(deps, (input) => checkLoaderServices(deps, input), 'brief'),
    checkDatasetServices: withErrorClass(deps, (input) => checkDatasetServices(deps, input), 'brief'),
    estimateRun: withErrorClass(deps, (input) => estimateRun(deps, input), 'brief'),
    removeFound: withErrorClass(deps, (input) => removeLeftovers(deps, input), 'brief'),
  };
}
