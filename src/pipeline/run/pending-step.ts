import type { StepProgress } from './step-progress.ts';

/** An activity that has not ended, as Temporal describes it. Times are Temporal's, in milliseconds since 1970. */
export interface PendingStep {
  readonly workflowId: string;
  /** For operators: `segment 3`, `table laureates`, `seal`. */
  readonly step: string;
  /** The activity's name. */
  readonly activity: string;
  /** Whether a worker has it. If not, it waits for a free one, or for its next attempt. */
  readonly isRunning: boolean;
  /** From 1. */
  readonly attempt: number;
  /** The last one, of this or an earlier attempt. */
  readonly heartbeat: StepProgress;
  readonly heartbeatMs: number | undefined;
  readonly startedMs: number | undefined;
  /** When a failed activity is tried again. */
  readonly nextAttemptMs: number | undefined;
  /** Why the attempt before ended. */
  readonly failure: string | undefined;
  /** The attempt before ended because its heartbeats stopped. */
  readonly lostWorker: boolean;
  readonly worker: string | undefined;
}

/** Names an activity by the child workflow it belongs to, else by the phase it carries out. */
export function stepName(activity: string, workflowId: string): string {
  const child = /\/(?<kind>segment|load)-(?<name>[^/]+)$/.exec(workflowId)?.groups;
  if (child?.kind === 'segment') return `segment ${Number(child.name)}`;
  if (child?.kind === 'load') return `table ${child.name}`;
  return PHASE_OF[activity] ?? activity;
}

const PHASE_OF: Readonly<Record<string, string>> = {
  planRun: 'plan',
  openRun: 'plan',
  planInference: 'plan',
  sealRun: 'seal',
  concludeInference: 'conclude',
  prepareStaging: 'prepare',
  nextStaging: 'prepare',
  createStaging: 'prepare',
  findStaging: 'load',
  verifyStaging: 'verify',
  replaceLive: 'replace',
  tidyWarehouse: 'replace',
  writeReport: 'report',
};
