import { proxyActivities, upsertMemo } from '@temporalio/workflow';
import type { AlertActivities } from '../../contract/alert-activities.ts';
import type { MuteAlertsInput, MutedAlerts } from '../../contract/alerts.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { muteAlerts: mute } = proxyActivities<AlertActivities>(profiles.short);

/** Mutes the alerts of a pipeline, loader or dataset, until a time or until it is unmuted; or unmutes them. */
export async function muteAlerts(input: MuteAlertsInput): Promise<MutedAlerts> {
  refuseUnknownInput(input, { pipeline: true, definition: true, staging: true, until: true });
  upsertMemo({ pipeline: input.pipeline });
  return explainingFailure(
    () => `Failed: muting of ${input.pipeline}`,
    () => undefined,
    () => mute(input),
  );
}
