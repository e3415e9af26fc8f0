import { proxyActivities, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { PruneRunsInput, PruneRunsResult } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { byteSize, count, counted } from '../../pipeline/text/measures.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { pruneRunDirectories } = proxyActivities<MaintenanceActivities>(profiles.seal);

/** Deletes the directories of runs that need not be kept. Safe to run on a schedule. */
export async function pruneRuns(input: PruneRunsInput): Promise<PruneRunsResult> {
  refuseUnknownInput(input, {
    pipeline: true,
    destination: true,
    definition: true,
    keep: true,
    dryRun: true,
    uploadHours: true,
  });
  upsertMemo({ pipeline: input.pipeline });
  const result = await explainingFailure(
    () => `Failed: pruning of ${input.pipeline}`,
    () => undefined,
    () => pruneRunDirectories.executeWithOptions({ summary: `prune ${input.pipeline}` }, [input]),
  );
  const lines = result.deleted.map(
    ({ run, objects, bytes }) => `| \`${run}\` | ${count(objects)} | ${byteSize(bytes)} |`,
  );
  setCurrentDetails(
    [
      `${result.dryRun ? 'Would delete' : 'Deleted'} ${counted(result.deleted.length, 'run')}, ${byteSize(result.bytes)}; ` +
        `kept ${count(result.kept.length)}; aborted ${counted(result.uploads.length, 'unfinished upload')}`,
      '',
      '| run | objects | size |',
      '|---|---|---|',
      ...lines.slice(0, 100),
    ].join('\n'),
  );
  return result;
}
