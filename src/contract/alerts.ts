import type { AlertEvent } from '../pipeline/alerts/alert-event.ts';
import type { Completion } from '../pipeline/alerts/pipeline-alerts.ts';
import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';

/** Inputs and results of the workflows that send alerts. */

/** Input of `sendAlert`. The event is nested, so that an open alert does not count as work on its run. */
export interface SendAlertInput {
  readonly event: AlertEvent;
  /** Where the pipeline's directory is. Default: that of the pipeline in the worker's configuration. */
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  /** Absent: the event is sent. Present: the event is a run's completion, which is sent only if it resolves something. */
  readonly completion?: Completion;
}

/** Result of `sendAlert`. */
export interface SendAlertResult {
  readonly id: string;
  /** The destinations that got it. */
  readonly delivered: readonly string[];
  /** Why no destination did, if none did. */
  readonly reason?: string;
  /** The destinations that did not get it, and why. */
  readonly failed: Readonly<Record<string, string>>;
}

/** Where an event goes. */
export interface AlertRoute {
  /** The event as it is to be sent: a recovery names what it resolves. */
  readonly event: AlertEvent;
  readonly destinations: readonly string[];
  /** Why there are none. */
  readonly reason?: string;
}

/** Input of `testAlerts`. */
export interface TestAlertsInput {
  /** Named in the alert. */
  readonly pipeline: string;
  /** Only this one, e.g. `slack.team`. Default: all. */
  readonly destination?: string;
}

export interface TestAlertsResult {
  readonly id: string;
  /** Every destination in the worker's configuration. */
  readonly known: readonly string[];
  readonly results: readonly {
    readonly destination: string;
    /** Absent: the destination accepted the alert. */
    readonly error?: string;
  }[];
}

/** Input of `muteAlerts`. */
export interface MuteAlertsInput {
  /** Its name, or that of a loader or dataset. */
  readonly pipeline: string;
  readonly definition?: PipelineDefinition;
  /** Where the alerts of a loader or dataset are. Default: of all that have this name in the worker's configuration. */
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  /** ISO 8601; `null`: until it is unmuted. Absent: unmute. */
  readonly until?: string | null;
}

/** Input of `watchSchedule`, which Temporal starts whenever the schedule is due. */
export interface WatchScheduleInput {
  readonly schedule: string;
  /** Or what alerts call a run of datasets. */
  readonly pipeline: string;
  /** The datasets that a run must have built, instead of a pipeline that it must have refreshed. */
  readonly datasets?: 'all' | readonly string[];
  /** Nothing is made of them: a run takes their files, and that is all. */
  readonly isOfFiles?: true;
  /** How long after the due time a run must have replaced live, or built the datasets. */
  readonly finishWithinSeconds: number;
}

export interface CheckScheduleInput extends Omit<WatchScheduleInput, 'finishWithinSeconds'> {
  /** ISO 8601. */
  readonly due: string;
}

/** Result of `watchSchedule`. */
export interface WatchScheduleResult {
  readonly due: string;
  readonly late: boolean;
}

/** Whether a run of a pipeline has replaced live, or one of datasets has built them, since a schedule was due; if not, what there is. */
export type ScheduleCheck =
  | { readonly finished: true }
  | {
      readonly finished: false;
      /** Sentences. */
      readonly found: string;
      readonly commands: readonly string[];
      /** Of datasets: where their alerts are noted. */
      readonly place?: { readonly bucket: string; readonly prefix: string };
      /** The run that the schedule started. */
      readonly workflow?: { readonly workflowId: string; readonly runId: string };
    };

/** Result of `muteAlerts`. */
export interface MutedAlerts {
  readonly pipeline: string;
  /** ISO 8601; `null`: until it is unmuted. Absent: it is not muted. */
  readonly mutedUntil?: string | null;
  /** It could not be unmuted, because `alerts.muted` of the worker's file names it. Nothing was changed. */
  readonly mutedInFile?: true;
  /** Events that no run has resolved yet. */
  readonly open: number;
}

export const alertWorkflowId = (id: string) => `alert-${id}`;
export const muteWorkflowId = (pipeline: string) => `mute-${pipeline}`;
