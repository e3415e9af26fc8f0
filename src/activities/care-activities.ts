import type { CareActivities } from './care-interface.ts';
import { checkServices } from './check-services.ts';
import type { Dependencies } from './dependencies.ts';
import { classed } from './failures.ts';
import { listBackups } from './list-backups.ts';
import { pruneRunDirectories } from './prune-runs.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { rollBack } from './roll-back.ts';

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
