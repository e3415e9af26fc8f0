import { z } from 'zod';
import type { MuteAlertsInput, MutedAlerts } from '../../contract/alerts.ts';
import { withMute } from '../../pipeline/alerts/pipeline-alerts.ts';
import { amend } from '../../store/bookmark.ts';
import { pipelineAlerts } from '../../store/pipeline-alerts-file.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

const Until = z.iso.datetime().nullable().optional();

/** Records in the pipeline's `alerts.json` until when it is muted. */
export async function muteAlerts(deps: Dependencies, input: MuteAlertsInput): Promise<MutedAlerts> {
  const until = Until.parse(input.until);
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
