import type { AlertEvent } from '../pipeline/alerts/alert-event.ts';
import type {
  AlertRoute,
  CheckScheduleInput,
  MuteAlertsInput,
  MutedAlerts,
  ScheduleCheck,
  SendAlertInput,
} from './alerts.ts';

export interface AlertActivities {
  /** Decides which destinations get an event, and records what it means for the pipeline. */
  routeAlert(input: SendAlertInput): Promise<AlertRoute>;
  /** Delivers an event to one destination, under its id. A destination that is gone from the configuration is skipped. */
  deliverAlert(input: { readonly event: AlertEvent; readonly destination: string }): Promise<void>;
  /** Looks whether a run has done what a schedule was to start, since that was due. */
  checkSchedule(input: CheckScheduleInput): Promise<ScheduleCheck>;
  /** Records until when a pipeline, loader or dataset is muted. */
  muteAlerts(input: MuteAlertsInput): Promise<MutedAlerts>;
}
