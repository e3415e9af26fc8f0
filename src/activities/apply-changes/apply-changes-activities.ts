import { Context } from '@temporalio/activity';
import type {
  ApplyActivities,
  ApplyRoundActivities,
  DestinationRef,
} from '../../contract/changes/apply-activities.ts';
import type { ReapplyActivities, ReapplyRoundActivities } from '../../contract/changes/reapply.ts';
import { removeCursors } from '../../store/changes/history-files.ts';
import { KnownDocuments } from '../../store/changes/known-documents.ts';
import { findPause, writePause } from '../../store/changes/pause-file.ts';
import { clearRemoval, isRemoved, writeRemoval } from '../../store/changes/removal-file.ts';
import { ApplyTurns } from '../runtime/apply-turns.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { countApplied, measureLag } from '../runtime/metrics.ts';
import { isSearchable } from '../temporal/is-searchable.ts';
import { runUnderWay } from '../temporal/run-under-way.ts';
import { applyRound } from './apply-round.ts';
import { EarlierApplies } from './earlier-applies.ts';
import { historyRound } from './history/history-round.ts';
import { findHistory, type HistoryDestination } from './history/open-history.ts';
import { IdleSchemas } from './idle-schemas.ts';
import { openDestination } from './open-destination.ts';
import { lookAtRewind, reapplyRound } from './reapply-round.ts';

/** Activities of `applyChanges` on the control queue. */
export function createApplyActivities(deps: Dependencies): ApplyActivities & ReapplyActivities {
  return {
    lookAtRewind: withErrorClass(deps, (input) => lookAtRewind(deps, input), 'brief'),
    openDestination: withErrorClass(
      deps,
      async (ref) => {
        const { place, pace, store, at, history } = await openAny(deps, ref);
        const signal = Context.current().cancellationSignal;
        if (await isRemoved(store, at, ref.destination, signal)) {
          // What the log has lost since then, no run brings to a history.
          if (history !== undefined) await removeCursors(history, signal);
          await clearRemoval(store, at, ref.destination, signal);
        }
        const paused = await findPause(store, at, ref.destination, signal);
        return {
          ...{ schema: place, ...pace, searchable: await isSearchable() },
          ...(paused === undefined ? {} : { paused }),
        };
      },
      'brief',
    ),
    removeDestination: withErrorClass(
      deps,
      async (ref) => {
        const { client, cancellationSignal: signal } = Context.current();
        const underWay = await runUnderWay(client, ref);
        if (underWay !== undefined) return { refresh: underWay.workflowId };
        const { store, at } = await openAny(deps, ref);
        await writeRemoval(store, at, ref.destination, new Date(deps.nowMs()), signal);
        return {};
      },
      'brief',
    ),
    keepDestinationPause: withErrorClass(
      deps,
      async ({ paused, ...ref }) => {
        const { store, at } = await openAny(deps, ref);
        const signal = Context.current().cancellationSignal;
        await writePause(store, at, ref.destination, paused, signal);
      },
      'brief',
    ),
  };
}

/** Those on the queue for changes. */
export function createApplyRoundActivities(
  deps: Dependencies,
): ApplyRoundActivities & ReapplyRoundActivities {
  const shared = {
    ...{ documents: new KnownDocuments(), turns: new ApplyTurns() },
    ...{ idle: new IdleSchemas(), earlier: new EarlierApplies() },
  };
  return {
    reapplyRound: withErrorClass(deps, async (input) => {
      const result = await reapplyRound(deps, shared.turns, input);
      if (result.kind === 'applied') countApplied(input, result.applied);
      return result;
    }),
    applyRound: withErrorClass(deps, async (input) => {
      const history = await findHistory(deps, input);
      const result = await (history === undefined
        ? applyRound(deps, shared, input)
        : historyRound(deps, shared.turns, history, input).then((round) => ({
            ...round,
            pace: paceOf(history),
          })));
      const { applied, lag } = result;
      if (applied !== undefined) countApplied(input, applied);
      // A run's staging schema is behind by design.
      if (input.stagingSchema === undefined) measureLag(input, lag);
      return result;
    }),
  };
}

/** A history writes a file per checkpoint, however often: this bounds the steps of its workflow. */
const HISTORY_SECONDS = 30;

const paceOf = ({ alertAtLagSeconds }: HistoryDestination) => ({
  applySeconds: HISTORY_SECONDS,
  alertAtLagSeconds,
});

/** What the workflow needs of a destination of either kind. */
async function openAny(deps: Dependencies, ref: DestinationRef) {
  const found = await findHistory(deps, ref);
  if (found === undefined) {
    const { warehouse, pace, store, at } = await openDestination(deps, ref);
    const { applySeconds, refreshAtMostEverySeconds, alertAtLagSeconds } = pace;
    return {
      ...{ place: warehouse.schema, store, at },
      pace: { applySeconds, refreshAtMostEverySeconds, alertAtLagSeconds },
    };
  }
  const { pipeline, history, log } = found;
  return {
    place: `s3://${history.store.bucket}/${history.at.prefix}/`,
    pace: paceOf(found),
    history,
    store: log.store,
    at: { prefix: log.prefix, pipeline },
  };
}
