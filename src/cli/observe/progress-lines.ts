import type { ChildProgress, FanOutProgress, PhaseProgress, Progress } from '../../contract/refresh.ts';
import { partsOf, situationOf } from '../../contract/run-situation.ts';
import { nextStep, nextStepText, outcomeOf } from '../../pipeline/run/outcome.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { byteSize, count, counted, duration } from '../terminal/measures.ts';

/** Progress as plain lines for logs: one line per change. */

/** What changed between two observations of a run; at the first one, everything. */
export function progressChanges(before: Progress | undefined, after: Progress, run: string): string[] {
  const lines: string[] = [];
  for (const phase of after.phases) {
    const was = before?.phases.find((each) => each.phase === phase.phase);
    if (was?.state !== phase.state || was?.startedAt !== phase.startedAt)
      lines.push(...phaseChange(phase, after));
  }
  for (const [kind, now, was] of [
    ['segment', after.extract, before?.extract],
    ['table', after.load, before?.load],
    ['check', after.checks, before?.checks],
  ] as const) {
    for (const child of failures(now)) {
      const known = failures(was).some((each) => each.child === child.child && each.error === child.error);
      if (known) continue;
      lines.push(`${kind} ${child.child} failed: ${oneLine(child.error ?? 'no reason is known')}`);
      const failed = [{ kind, child: child.child, code: child.code }];
      const step = nextStep({ ...situationOf(after, []), run, state: 'waiting', failed });
      if (step !== undefined) lines.push(`  ${asTypedHere(nextStepText(step))}`);
    }
    for (const { child, workflowId } of externals(now)) {
      if (externals(was).some((each) => each.child === child)) continue;
      lines.push(
        `${kind} ${child} is in progress in a workflow that is not a child of this run: ${workflowId}`,
      );
    }
  }
  if (after.state === 'waiting' && before?.state !== 'waiting') {
    lines.push(`the run is ${outcomeOf('waiting').word}: everything else is done`);
  }
  return lines;
}

function phaseChange(phase: PhaseProgress, progress: Progress): string[] {
  const name = phase.phase.padEnd(8);
  const fan = fanOutOf(phase, progress);
  if (phase.state === 'completed') {
    const what = fan === undefined ? '' : `: ${fanOutText(phase.phase, fan)}`;
    return [`${name} done in ${duration(phase.seconds ?? 0)}${what}`];
  }
  return phase.state === 'running' && fan !== undefined ? [`${name} ${fanOutText(phase.phase, fan)}`] : [];
}

export const failures = (fan: FanOutProgress | undefined): ChildProgress[] =>
  (fan?.unfinished ?? []).filter((child) => child.state === 'failed');

/** Children that were started by hand, or by the run before it was reset. */
export const externals = (fan: FanOutProgress | undefined): ChildProgress[] =>
  (fan?.unfinished ?? []).filter((child) => child.state === 'external');

/** The fan-out that belongs to a phase, if it has one. */
export function fanOutOf(phase: PhaseProgress, progress: Progress): FanOutProgress | undefined {
  return partsOf(phase.phase, progress)?.fan;
}

/** `3 of 4 segments, 1,234 items, 2.1 MB`; `4 segments, …` when all have settled. */
export function fanOutText(phase: string, fan: FanOutProgress): string {
  const settled = settledText(phase, fan);
  const unit = phase === 'extract' ? 'item' : 'row';
  return fan.settled === 0 || phase === 'verify'
    ? settled
    : `${settled}, ${counted(fan.items, unit)}, ${byteSize(fan.bytes)}`;
}

/** `3 of 4 segments`; `4 segments` when all have settled. */
export function settledText(phase: string, { settled, total }: FanOutProgress): string {
  const children = counted(total, { extract: 'segment', verify: 'check' }[phase] ?? 'table');
  return settled === total ? children : `${count(settled)} of ${children}`;
}

/** A step that failed and is retried automatically. The operator need not act. */
export const retryNote = ({
  step,
  attempt,
  reason,
}: {
  step: string;
  attempt: number;
  reason: string;
}): string => `Retrying ${step} (attempt ${attempt}): ${oneLine(reason)}`;

/** A failure's text on one line. */
export const oneLine = (text: string): string => asTypedHere(text.replace(/\s+/g, ' ').trim());
