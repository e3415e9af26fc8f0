import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { MuteAlertsInput, MutedAlerts } from '../../contract/alerts.ts';
import { withMute } from '../../pipeline/alerts/pipeline-alerts.ts';
import { amend } from '../../store/bookmark.ts';
import { pipelineAlerts } from '../../store/pipeline-alerts-file.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

const Until = z.iso.datetime().nullable().optional();

/**
 * Records in the pipeline's `alerts.json` until when it is muted. A pipeline that the file mutes stays muted: nothing is
 * recorded then.
 */
export async function muteAlerts(deps: Dependencies, input: MuteAlertsInput): Promise<MutedAlerts> {
  const until = Until.parse(input.until);
  if (until === undefined && (await isMutedInFile(deps, input.pipeline)))
    return { pipeline: input.pipeline, mutedInFile: true, open: 0 };
  const { bucket, prefix } = (await definitionFor(deps, input)).staging;
  const { mutedUntil, open } = await whileHeartbeating(
    () => 'muting',
    (signal) =>
      amend(
        pipelineAlerts(deps.store(bucket), { prefix, pipeline: input.pipeline }),
        (before) => withMute(before, until),
        signal,
      ),
  );
  return { pipeline: input.pipeline, ...(mutedUntil === undefined ? {} : { mutedUntil }), open: open.length };
}

/** A definition may be sent to a worker that has no file. */
async function isMutedInFile({ alerts }: Dependencies, pipeline: string): Promise<boolean> {
  try {
    return (await alerts.definition()).muted.includes(pipeline);
  } catch (error) {
    if (error instanceof Terminal) return false;
    throw error;
  }
}
