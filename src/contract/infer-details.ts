import { type NextStep, nextStepText, outcomeOf } from '../pipeline/run/outcome.ts';
import { count, counted } from '../pipeline/text/measures.ts';
import { failedLines } from './failed-parts.ts';
import type { InferProgress } from './infer.ts';
import { handLines, leftBehind } from './progress-details.ts';
import { workDetails, workOfInference } from './work-details.ts';

/** An inference as Markdown, for the Web UI's current details: its state, the cause, what to do, its progress. */
export function inferDetails(progress: InferProgress): string {
  const { pipeline, inference, phase, scan } = progress;
  const { word } = outcomeOf(progress.state);
  const state = `**${word.charAt(0).toUpperCase()}${word.slice(1)}${phase === 'done' ? '' : ` in ${phase}`}**`;
  const failed = phase === 'scan' && scan !== undefined ? failedLines('segment', scan) : [];
  const step = inferStep(progress);
  const about = `\`${pipeline}\`${inference === undefined ? '' : ` · inference \`${inference}\``}`;
  const isOne = failed.length === 1;
  return [
    isOne ? `${state}: ${failed[0]}` : state,
    ...(step === undefined ? [] : ['', nextStepText(step)]),
    ...handLines('segment', step),
    ...(isOne ? [] : ['', ...failed]),
    '',
    about,
    ...workDetails(workOfInference(progress)),
    ...(scan === undefined
      ? []
      : [
          '',
          `${counted(scan.items, 'item')} in ${count(scan.settled)} of ${counted(scan.total, 'segment')}`,
        ]),
  ].join('\n');
}

/** What an operator does about the segments that failed; undefined if none has. */
export function inferStep({ inference = '<inference>', scan }: InferProgress): NextStep | undefined {
  const failed = (scan?.unfinished ?? []).filter(({ state }) => state === 'failed');
  if (failed.length === 0) return undefined;
  const part = failed.length === 1 ? ` --segment ${failed[0]?.child}` : '';
  return { fix: 'Fix the cause', commands: [`tributary retry ${inference}${part}`], resumes: true };
}

/** Its progress in one line, for the memo. */
export function inferLine({ phase, state, scan }: InferProgress): string {
  const where =
    phase === 'scan' && scan !== undefined ? `scan ${scan.settled}/${scan.total}${leftBehind(scan)}` : phase;
  return state === 'waiting' ? `${outcomeOf('waiting').word}: ${where}` : where;
}
