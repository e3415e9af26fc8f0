import { Context } from '@temporalio/activity';
import type { ApplyActivities, ApplyRoundActivities } from '../../contract/changes/apply-activities.ts';
import { findDestinationPause, writeDestinationPause } from '../../store/changes/pause-file.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { isSearchable } from '../temporal/is-searchable.ts';
import { applyRound } from './apply-round.ts';
import { openDestination } from './open-destination.ts';

/** Activities of `applyChanges` on the control queue. */
export function createApplyActivities(deps: Dependencies): ApplyActivities {
  return {
    openDestination: withErrorClass(
      deps,
      async (ref) => {
        const destination = await openDestination(deps, ref);
        const { store, at, name, warehouse, pace } = destination;
        const paused = await findDestinationPause(store, at, name, Context.current().cancellationSignal);
        return {
          ...{ schema: warehouse.schema, applySeconds: pace.applySeconds, searchable: await isSearchable() },
          ...(paused === undefined ? {} : { paused }),
        };
      },
      'brief',
    ),
    keepDestinationPause: withErrorClass(
      deps,
      async ({ paused, ...ref }) => {
        const { store, at, name } = await openDestination(deps, ref);
        await writeDestinationPause(store, at, name, paused, Context.current().cancellationSignal);
      },
      'brief',
    ),
  };
}

/** Those on the queue for changes. */
export function createApplyRoundActivities(deps: Dependencies): ApplyRoundActivities {
  return { applyRound: withErrorClass(deps, (input) => applyRound(deps, input)) };
}
