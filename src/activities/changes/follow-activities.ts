import { Context } from '@temporalio/activity';
import { SIGNAL_SHARD_ENDED } from '../../contract/changes/changes.ts';
import type { FollowActivities, ReadActivities } from '../../contract/changes/follow-activities.ts';
import { findPause, writePause } from '../../store/changes/pause-file.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { isSearchable } from '../temporal/is-searchable.ts';
import { reportingToParent } from '../temporal/reporting-to-parent.ts';
import { CutMemory } from './cut-memory.ts';
import { followedTable } from './followed-table.ts';
import { IteratorAges } from './iterator-ages.ts';
import { KnownLogs } from './known-shards.ts';
import { openEpoch } from './open-epoch.ts';
import { readShardRecords } from './read-shard-records.ts';
import { watchShards } from './watch-shards.ts';

/** What all readers of a worker hold together. */
const MEMORY_BYTES = 64 * 1024 * 1024;

/** Activities of `followChanges` on the control queue. */
export function createFollowActivities(deps: Dependencies): FollowActivities {
  return {
    openLog: withErrorClass(
      deps,
      async ({ pipeline }) => {
        const followed = await followedTable(deps, pipeline);
        const signal = Context.current().cancellationSignal;
        const { epoch } = await openEpoch(deps, followed, signal);
        const { staging } = followed;
        const at = { prefix: staging.prefix, pipeline };
        const paused = await findPause(deps.store(staging.bucket), at, undefined, signal);
        return {
          ...{ epoch: epoch.epoch, staging, searchable: await isSearchable() },
          ...(epoch.kind === 'exports' ? { kind: epoch.kind } : {}),
          ...(paused === undefined ? {} : { paused }),
        };
      },
      'brief',
    ),
    keepReadingPause: withErrorClass(
      deps,
      async ({ pipeline, paused }) => {
        const { staging } = await followedTable(deps, pipeline);
        const signal = Context.current().cancellationSignal;
        const at = { prefix: staging.prefix, pipeline };
        await writePause(deps.store(staging.bucket), at, undefined, paused, signal);
      },
      'brief',
    ),
  };
}

/** Activities that read streams, on the task queue of changes. */
export function createReadActivities(deps: Dependencies, memoryBytes = MEMORY_BYTES): ReadActivities {
  const logs = new KnownLogs();
  const shared = { memory: new CutMemory(memoryBytes), ages: new IteratorAges() };
  return {
    watchShards: withErrorClass(deps, (input) => watchShards(deps, logs, input)),
    readShardRecords: withErrorClass(deps, (input) => {
      const { parent, epoch } = input;
      return reportingToParent({ parent, signal: SIGNAL_SHARD_ENDED, of: { epoch } }, () =>
        readShardRecords(deps, shared, input),
      );
    }),
  };
}
