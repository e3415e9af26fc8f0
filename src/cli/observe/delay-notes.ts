import { delayLines } from '../../pipeline/run/work-now.ts';
import type { RunObservation } from './observe-run.ts';
import { oneLine, retryNote } from './progress-lines.ts';

/** What is retried or blocked, and why. If Temporal does not list the work now, what its description says. */
export function delayNotes({ now, retrying }: Pick<RunObservation, 'now' | 'retrying'>): string[] {
  if (now === undefined) return retrying.map(retryNote);
  const ofWorkflow = retrying.filter(({ isActivity }) => !isActivity);
  return [...delayLines(now).map(oneLine), ...ofWorkflow.map(retryNote)];
}
