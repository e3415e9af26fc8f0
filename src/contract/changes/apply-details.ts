import { byteSize, counted, duration, instant } from '../../pipeline/text/measures.ts';
import { cut, firstSentences, onOneLine } from '../../pipeline/text/sentences.ts';
import { markdown } from '../failed-parts.ts';
import type { ApplyProgress, ChangesLag, ReapplyProgress } from './changes.ts';

/** How a destination of changes is doing, as text: for the Web UI's current details, and for the memo. */

const MOST_ERROR_CHARACTERS = 600;

/** `applying; blocked: LoadFailed`: one line. */
export function applyLine({ state, paused, blocked, needsRefresh }: ApplyProgress): string {
  if (paused !== undefined) return `paused: ${cut(onOneLine(paused.reason), 200)}`;
  if (blocked !== undefined) return `blocked: ${blocked.code}`;
  return needsRefresh === undefined ? state : `waiting for a refresh: ${needsRefresh.code}`;
}

/** Markdown. */
export function applyDetails(progress: ApplyProgress): string {
  const { pipeline, destination, paused, blocked, needsRefresh, refresh, catchUp } = progress;
  const { reapply, lag, totals, since, last } = progress;
  return [
    `**Changes** of ${markdown(pipeline)} to ${markdown(destination)}`,
    '',
    ...(paused === undefined
      ? []
      : [`**Paused** since ${instant(new Date(paused.at))}: ${reasonOf(paused.reason)}`, '']),
    ...(blocked === undefined
      ? []
      : [
          `**Blocked** since ${instant(new Date(blocked.at))}: ${reasonOf(blocked.error)} Send \`retryApply\` to try it again.`,
          '',
        ]),
    ...(needsRefresh === undefined
      ? []
      : [
          `**Waiting for a refresh** since ${instant(new Date(needsRefresh.at))}: ${reasonOf(needsRefresh.message)}`,
          '',
        ]),
    ...(refresh === undefined || needsRefresh === undefined
      ? []
      : [
          `Run \`${refresh.workflowId}\` was started for this at ${instant(new Date(refresh.startedAt))}`,
          '',
        ]),
    ...(catchUp === undefined
      ? []
      : [
          `**Run ${markdown(catchUp.run)}** catches up: ${counted(catchUp.rounds, 'apply', 'applies')} to its staging schema, ${counted(catchUp.left, 'change')} left`,
          '',
        ]),
    ...(reapply === undefined ? [] : [reapplyText(reapply, markdown), '']),
    '| | |',
    '|---|---|',
    `| not applied | ${lagText(lag)} |`,
    `| applied | ${counted(totals.changes, 'change')}${totals.keys === 0 ? '' : ` of ${counted(totals.keys, 'item')}`} in ${counted(totals.rounds, 'apply', 'applies')}, since ${instant(new Date(since))} |`,
    `| rows | ${counted(totals.rows, 'row')} written, ${counted(totals.setAside, 'item')} set aside |`,
    ...(last === undefined
      ? []
      : [
          `| last | ${counted(last.changes, 'change')} at ${instant(new Date(last.at))}, in ${duration(last.seconds)} |`,
        ]),
  ].join('\n');
}

/**
 * `Rewind to 2026-11-29 08:00:00Z, since 2026-11-30 10:00:00Z: 1 of 4 parts, 300 changes of 20 items applied again`
 * @param quote makes a text safe where it is shown
 */
export function reapplyText(
  reapply: ReapplyProgress,
  quote: (text: string) => string = (text) => text,
): string {
  const { kind, since, state, at, endedAt = at, done, left, failure, gone = 0 } = reapply;
  const { changes, keys, rows, setAside } = reapply;
  const what =
    `${counted(changes, 'change')} of ${counted(keys, 'item')} applied again, ${counted(rows, 'row')} written` +
    `${setAside === 0 ? '' : `, ${counted(setAside, 'item')} set aside`}`;
  const lost =
    gone === 0 ? '' : `; the log has no record of ${counted(gone, 'item')} any more: a run reads them`;
  const name =
    kind === 'replay' ? 'Replay of what was set aside' : `Rewind to ${instant(new Date(since ?? at))}`;
  const began = `since ${instant(new Date(at))}: ${done} of ${counted(done + left, 'part')}`;
  if (state === 'applying') return `${name}, ${began}, ${what}${lost}`;
  const ended = instant(new Date(endedAt));
  if (failure === undefined) return `${name}, done at ${ended}: ${what}${lost}`;
  return `${name}, failed at ${ended} after ${what}${lost}: ${quote(cut(onOneLine(failure.error), MOST_ERROR_CHARACTERS))}`;
}

/** What is not looked at for less is normal. */
const UNSEEN_SECONDS = 60;

/** `3 changes, 2 KB, the oldest for 12 s`; `nothing, as of 3 h ago` */
export const lagText = ({ seconds, bytes, count }: ChangesLag): string =>
  count === 0
    ? `nothing${seconds < UNSEEN_SECONDS ? '' : `, as of ${duration(seconds)} ago`}`
    : `${counted(count, 'change')}, ${byteSize(bytes)}, the oldest for ${duration(seconds)}`;

/** Whole sentences, if they fit. */
const reasonOf = (text: string) =>
  markdown(cut(firstSentences(onOneLine(text), MOST_ERROR_CHARACTERS), MOST_ERROR_CHARACTERS));
