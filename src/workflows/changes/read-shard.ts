import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import {
  type ReadShardInput,
  type ReadShardResult,
  SIGNAL_SHARD_ENDED,
  SIGNAL_SHARD_FAILED,
} from '../../contract/changes/changes.ts';
import type { ReadActivities } from '../../contract/changes/follow-activities.ts';
import { windowStart } from '../../pipeline/changes/export-window.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { notifyingOfFailure, notifyParent } from '../fan-out/notify-parent.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { badInput } from '../terminal-failure.ts';

const { readShardRecords } = proxyActivities<ReadActivities>(profiles.changes);

/**
 * Reads one shard of a stream, or exports one window, into the change log. It runs as long as the shard is open, and can be
 * started alone.
 *
 * 1. Read from the last checkpoint to the shard's end.
 * 2. Report success or failure to `followChanges`, by its workflow id. The activity reports success itself, if it can.
 */
export async function readShard(input: ReadShardInput): Promise<ReadShardResult> {
  refuseUnknownInput(input, { pipeline: true, epoch: true, shard: true, staging: true, parent: true });
  const { pipeline, epoch, shard, parent } = input;
  if (typeof epoch !== 'string' || typeof shard !== 'string')
    throw badInput(
      'Reading a shard needs the epoch of the change log and the shard’s id, e.g. {"pipeline":"orders","epoch":"0123456789abcdef","shard":"shardId-1"}.',
    );
  const { reported, ...result } = await explainingFailure(
    () => `Shard ${shard} of ${pipeline} is not read`,
    () => ({
      fix:
        windowStart(shard) === undefined
          ? 'Fix the cause within 24 hours: the stream keeps changes no longer. Then retry'
          : 'Fix the cause, then retry: later windows wait for this one',
      commands: [],
      resumes: true,
    }),
    () =>
      notifyingOfFailure(parent, SIGNAL_SHARD_FAILED, { epoch, shard }, () =>
        readShardRecords.executeWithOptions({ summary: `shard ${shard} of ${pipeline}` }, [input]),
      ),
  );
  setCurrentDetails(
    `**Done**: ${counted(result.records, 'change')} in ${counted(result.checkpoints, 'checkpoint')}`,
  );
  if (!reported) await notifyParent(parent, SIGNAL_SHARD_ENDED, { ...result, epoch });
  return result;
}
