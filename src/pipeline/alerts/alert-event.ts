/** What alerts report. The names are part of the configuration and of what receivers get: rename none after a release. */
export const ALERT_KINDS = [
  'waiting',
  'failed',
  'drifted',
  'setAside',
  'checkFailed',
  'late',
  'missing',
  'recovered',
  'started',
  'succeeded',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Nothing is wrong: only destinations that name these get them. */
export const isGoodNews = (kind: AlertEvent['kind']): boolean => kind === 'started' || kind === 'succeeded';

/**
 * One event, as it stays in Temporal's history and as the generic webhook sends it. It holds no secret. Its texts are
 * those of the run's own failure, so `redactValues` keeps values out of them.
 */
export interface AlertEvent {
  readonly version: 1;
  /** The same for every attempt to deliver this event, and never that of another event: see `eventId`. */
  readonly id: string;
  /** `test`: sent by "tributary alerts test". */
  readonly kind: AlertKind | 'test';
  /** When it happened. ISO 8601, UTC. */
  readonly at: string;
  /** Or the name of a loader or a dataset. */
  readonly pipeline: string;
  /** `pipeline` names a loader. */
  readonly isLoader?: true;
  /** `pipeline` names a dataset. */
  readonly isDataset?: true;
  /** A sentence: what happened. */
  readonly what: string;
  /** Why: the message of the failure, or the list of what is new. */
  readonly cause?: string;
  /** The code of the failure; docs/operating.md lists them. */
  readonly code?: string;
  /** What to do, with its commands: one line. */
  readonly next?: string;
  /** The commands alone, in this order. */
  readonly commands?: readonly string[];
  /** The name of the run, or of the inference. */
  readonly run?: string;
  /** `run` names an inference. No run resolves what happened to it. */
  readonly isInference?: true;
  readonly phase?: string;
  /** The schedule that is late. */
  readonly schedule?: string;
  /** The workflow that the event is about, for a link to the Web UI. */
  readonly workflow?: { readonly namespace: string; readonly workflowId: string; readonly runId?: string };
  /** The address of the run's report in S3. */
  readonly report?: string;
  /** The event ended the run: destinations of `failed` get it whatever its kind is. */
  readonly endedRun?: true;
  /** The run waits for an operator: destinations of `waiting` get the event whatever its kind is. */
  readonly waits?: true;
  /** What a `recovered` event puts an end to: the ids of earlier events. */
  readonly resolves?: readonly string[];
}

/** Kinds after which a pipeline counts as unhealthy until a run completes. */
export const opensIncident = ({ kind, endedRun, waits, isInference }: AlertEvent): boolean =>
  isInference !== true && (kind === 'late' || kind === 'missing' || waits === true || endedRun === true);
