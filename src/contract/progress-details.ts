import {
  type NextStep,
  nextStep,
  nextStepText,
  outcomeOf,
  type PartKind,
  placeOf,
  type RunSituation,
  type RunState,
} from '../pipeline/run/outcome.ts';
import { byteSize, count, counted, duration } from '../pipeline/text/measures.ts';
import { catchUpText } from './catch-up-text.ts';
import { failedLines, markdown } from './failed-parts.ts';
import type { FanOutProgress, PhaseProgress, Progress } from './refresh.ts';
import { partsOf, retryOf, situationOf } from './run-situation.ts';
import { workDetails, workOf } from './work-details.ts';

/** More of a fan-out's children are not listed: their ids may be long. */
const MOST_CHILDREN = 25;

/** What the Web UI shows about a run, in addition to its progress. */
interface About {
  /** Options for the commands that resume it: see `resumeOptions`. */
  readonly options?: readonly string[];
  /** The address of its report, once there is one. */
  readonly report?: string | undefined;
  /** How it failed or was cancelled. */
  readonly end?: {
    readonly state: RunState;
    readonly cause: string | undefined;
    readonly failureType: string;
  };
}

/** A run as Markdown, for the Web UI's current details (at most 20,000 bytes): its state, the cause, what to do, its progress. */
export function progressDetails(progress: Progress, about: About = {}): string {
  const lines = [
    ...stateLines(progress, about),
    '',
    `\`${progress.pipeline}\`${progress.run === undefined ? '' : ` · run \`${progress.run}\``}${reportText(progress, about)}`,
    ...(progress.origin === undefined ? [] : ['', markdown(progress.origin)]),
    ...workDetails(workOf(progress)),
    '',
  ];
  lines.push('| phase | state | took |', '|---|---|---|');
  for (const phase of progress.phases) {
    const took = phase.seconds === undefined ? '' : duration(phase.seconds);
    lines.push(`| ${phase.phase} | ${phaseWord(phase, progress, about)} | ${took} |`);
  }
  if (progress.extract !== undefined)
    lines.push('', ...fanOutDetails('Segments', 'segment', progress.extract, 'item'));
  if (progress.load !== undefined) lines.push('', ...fanOutDetails('Tables', 'table', progress.load, 'row'));
  lines.push(...checkDetails(progress), ...catchUpDetails(progress));
  return lines.join('\n');
}

/** The phase in which a run ended, or waits, is not running any more. */
const phaseWord = ({ state }: PhaseProgress, progress: Progress, { end }: About) =>
  state === 'running' ? outcomeOf(end?.state ?? progress.state).word : state;

/** The state, the cause and the action, before everything else. */
function stateLines(progress: Progress, { options = [], end }: About): string[] {
  const { phase } = progress;
  const { kind, fan } = partsOf(phase, progress) ?? { kind: 'segment', fan: undefined };
  const situation: RunSituation = {
    ...situationOf(progress, options),
    ...(end === undefined ? {} : { state: end.state, failureType: end.failureType }),
  };
  const { word } = outcomeOf(situation.state, progress.status);
  const state = `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const where = phase === 'done' ? '' : ` ${placeOf(phase, end?.failureType)}`;
  if (end !== undefined) {
    const cause = end.cause === undefined ? '' : `: ${markdown(end.cause)}`;
    return [`**${state}${where}**${cause}`, ...stepLines(situation)];
  }
  if (fan === undefined || fan.failed === 0) return [`**${state}${where}**`];
  const step = stepLines(situation);
  const failed = failedLines(kind, fan);
  const counts = `, ${count(fan.failed)} of ${counted(fan.total, kind)} failed`;
  const isOne = failed.length === 1;
  const head = `**${state}${where}**${isOne && situation.state === 'waiting' ? '' : counts}`;
  const byHand = handLines(kind, nextStep(situation));
  return isOne ? [`${head}: ${failed[0]}`, ...step, ...byHand] : [head, ...step, ...byHand, '', ...failed];
}

function stepLines(situation: RunSituation): string[] {
  const step = nextStep(situation);
  return step === undefined ? [] : ['', nextStepText(step)];
}

/** How to retry in the Web UI, without the program; empty if a retry is not the next step. */
export function handLines(kind: PartKind, step: NextStep | undefined): string[] {
  if (step?.commands[0]?.startsWith('tributary retry ') !== true) return [];
  return [
    '',
    `In the Web UI: send this workflow the update \`${retryOf(kind)}\` (without an argument: everything that failed)` +
      `${kind === 'check' ? '' : ', or reset the failed child to its first event, 4'}.`,
  ];
}

const reportText = ({ run = '<run>' }: Progress, { report }: About) =>
  report === undefined ? '' : ` · report \`${report}\` or \`tributary report ${run} --open\``;

/** Progress in one line, for the memo, which `workflow list` and `describe` show. */
export function progressLine(progress: Progress): string {
  if (progress.phase === 'done') return outcomeOf('completed', progress.status).word;
  const fan = partsOf(progress.phase, progress)?.fan;
  const where = fan === undefined ? progress.phase : `${progress.phase} ${fan.settled}/${fan.total}`;
  const line = `${where}${fan === undefined ? '' : leftBehind(fan)}`;
  return progress.state === 'waiting' ? `${outcomeOf('waiting').word}: ${line}` : line;
}

/** The children that block a run: `, 2 failed, 1 external`. */
export function leftBehind(fan: FanOutProgress): string {
  return (['failed', 'external'] as const)
    .filter((state) => fan[state] > 0)
    .map((state) => `, ${fan[state]} ${state}`)
    .join('');
}

/** What the checks found; nothing if all have passed so far. */
function checkDetails({ checks, checked = [] }: Progress): string[] {
  if (checks === undefined) return [];
  const found = checked.filter(({ outcome }) => outcome !== 'passed');
  return [
    '',
    `**Checks**: ${count(checks.settled)} of ${counted(checks.total, 'check')} done`,
    ...found.map((each) => `- ${each.check} ${each.outcome}: ${markdown(each.found ?? '')}`),
  ];
}

const catchUpDetails = ({ catchUp }: Progress): string[] =>
  catchUp === undefined ? [] : ['', `**Changes since the scan**: ${catchUpText(catchUp)}`];

function fanOutDetails(
  title: string,
  kind: 'segment' | 'table',
  fan: FanOutProgress,
  unit: string,
): string[] {
  const counts = (['settled', 'running', 'notStarted', 'external', 'failed'] as const)
    .filter((state) => fan[state] > 0)
    .map((state) => `${count(fan[state])} ${state === 'notStarted' ? 'not started' : state}`)
    .join(', ');
  const lines = [
    `**${title}**: ${counts || 'none'} of ${counted(fan.total, kind)}; ${counted(fan.items, unit)}, ${byteSize(fan.bytes)}`,
  ];
  if (fan.unfinished.length > 0) {
    lines.push('', '| workflow | state |', '|---|---|');
    for (const child of fan.unfinished.slice(0, MOST_CHILDREN))
      lines.push(`| \`${child.workflowId}\` | ${child.state} |`);
  }
  return lines;
}
