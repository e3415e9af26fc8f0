import type { LineageActivities } from '../../contract/lineage.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { deliverLineage } from './deliver-lineage.ts';

/** Activities of lineage, on the control queue. */
export function createLineageActivities(deps: Dependencies): LineageActivities {
  return { deliverLineage: withErrorClass(deps, (input) => deliverLineage(deps, input)) };
}
