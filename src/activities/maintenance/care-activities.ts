import type { CareActivities } from '../../contract/maintenance-activities.ts';
import { listBackups } from '../replace/list-backups.ts';
import { rollBack } from '../replace/roll-back.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { classed } from '../runtime/failures.ts';
import { checkServices } from './check-services.ts';
import { pruneRunDirectories } from './prune-runs.ts';
import { removeLeftovers } from './remove-leftovers.ts';

/** The activities that look after a pipeline, on the control queue. */
export function createCareActivities(deps: Dependencies): CareActivities {
  return {
    rollBack: classed((input) => rollBack(deps, input), 'brief'),
    backupsOf: classed((input) => listBackups(deps, input), 'brief'),
    pruneRunDirectories: classed((input) => pruneRunDirectories(deps, input), 'brief'),
    checkServices: classed((input) => checkServices(deps, input), 'brief'),
    removeFound: classed((input) => removeLeftovers(deps, input), 'brief'),
  };
}
