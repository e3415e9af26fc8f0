import { z } from 'zod';
import { type AlertEvent, opensIncident } from './alert-event.ts';

/**
 * `alerts.json`: what alerts know about a pipeline from event to event. It decides what `recovered` means, and whether an
 * operator has muted the pipeline.
 */

const Incident = z.object({
  /** The id of the event that opened it. */
  id: z.string(),
  kind: z.string(),
  at: z.string(),
  run: z.string().optional(),
  workflowId: z.string().optional(),
});
type Incident = z.infer<typeof Incident>;

export const PipelineAlerts = z.object({
  version: z.literal(1),
  /** Until when an operator has muted the pipeline; `null`: until it is unmuted. Absent: it is not muted. */
  mutedUntil: z.string().nullable().optional(),
  /** What went wrong since a run last completed; the oldest first. */
  open: z.array(Incident),
  /** What the last recoveries closed, so that a repeated attempt of one reports the same. `by`: its completion's id. */
  recoveries: z.array(z.object({ by: z.string(), incidents: z.array(Incident) })),
});
export type PipelineAlerts = z.infer<typeof PipelineAlerts>;

const NONE: PipelineAlerts = { version: 1, open: [], recoveries: [] };

/** Older ones are dropped. */
const MOST_INCIDENTS = 50;
const MOST_RECOVERIES = 10;

/** The state after an event that opens an incident; the same event again changes nothing. */
export function withIncident(before: PipelineAlerts | undefined, event: AlertEvent): PipelineAlerts {
  const state = before ?? NONE;
  const { id, kind, at, run, workflow } = event;
  const known = [...state.open, ...state.recoveries.flatMap(({ incidents }) => incidents)];
  if (!opensIncident(event) || known.some((other) => other.id === id)) return state;
  const incident: Incident = {
    ...{ id, kind, at },
    ...(run === undefined ? {} : { run }),
    ...(workflow === undefined ? {} : { workflowId: workflow.workflowId }),
  };
  return { ...state, open: [...state.open, incident].slice(-MOST_INCIDENTS) };
}

/**
 * What a completed run resolves: everything that is open; or only what its own workflow reported; or what workflows reported whose ids
 * begin as its own does, up to the first slash, and that it was late.
 */
export type Completion = 'resolves all' | 'resolves its own' | 'resolves runs like it';

/** The state after a run has completed, which closes incidents; the same completion again changes nothing. */
export function withRecovery(
  state: PipelineAlerts,
  { id: by, workflow }: Pick<AlertEvent, 'id' | 'workflow'>,
  completion: Completion,
): PipelineAlerts {
  if (state.recoveries.some((other) => other.by === by)) return state;
  const closes = ({ kind, workflowId = '' }: Incident) =>
    completion === 'resolves all' ||
    (workflow !== undefined &&
      (completion === 'resolves its own'
        ? workflowId === workflow.workflowId
        : kind === 'late' || systemOf(workflowId) === systemOf(workflow.workflowId)));
  const incidents = state.open.filter(closes);
  if (incidents.length === 0) return state;
  return {
    ...state,
    open: state.open.filter((incident) => !closes(incident)),
    recoveries: [...state.recoveries, { by, incidents }].slice(-MOST_RECOVERIES),
  };
}

/** `dataset` of `dataset/orders/2026-11-01`. */
const systemOf = (workflowId: string): string | undefined => workflowId.split('/')[0];

/** @param until `null`: until it is unmuted; undefined: not muted any more */
export function withMute(
  before: PipelineAlerts | undefined,
  until: string | null | undefined,
): PipelineAlerts {
  const { mutedUntil: _, ...state } = before ?? NONE;
  return until === undefined ? state : { ...state, mutedUntil: until };
}

/** Whether the pipeline is muted at this time. */
export const isMuted = ({ mutedUntil }: PipelineAlerts, nowMs: number): boolean =>
  mutedUntil === null || (mutedUntil !== undefined && Date.parse(mutedUntil) > nowMs);
