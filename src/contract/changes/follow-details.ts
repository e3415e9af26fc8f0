import { byteSize, counted, instant } from '../../pipeline/text/measures.ts';
import { cut, firstSentences, onOneLine } from '../../pipeline/text/sentences.ts';
import { markdown } from '../failed-parts.ts';
import type { FollowProgress, LogProgress, ShardProgress } from './changes.ts';

/** How following a table is doing, as text: for the Web UI's current details, and for the memo. */

const SHOWN = 50;
const MOST_ERROR_CHARACTERS = 600;

/** `following: 64 shards are read; 1 gap`: one line. */
export function followLine(progress: FollowProgress): string {
  const { state, paused, trouble, open, failed, gaps } = progress;
  const unit = unitOf(progress);
  return [
    paused === undefined
      ? `${state}: ${counted(open, unit)} read`
      : `paused: ${cut(onOneLine(paused.reason), 200)}`,
    ...(failed === 0 ? [] : [`${counted(failed, unit)} failed`]),
    ...(gaps.length === 0 ? [] : [counted(gaps.length, 'gap')]),
    ...(trouble === undefined ? [] : [trouble.code]),
  ].join('; ');
}

/** Markdown. */
export function followDetails(progress: FollowProgress): string {
  const { pipeline, epoch, paused, trouble, open, failed, ended, shards, gaps, log } = progress;
  const unit = unitOf(progress);
  const failing = shards.filter(({ state }) => state === 'failed').slice(0, SHOWN);
  return [
    `**Changes** of ${markdown(pipeline)}, epoch \`${epoch}\``,
    '',
    ...(paused === undefined
      ? []
      : [`**Paused** since ${instant(new Date(paused.at))}: ${reasonOf(paused.reason)}`, '']),
    ...(trouble === undefined
      ? []
      : [`**${trouble.code}** since ${instant(new Date(trouble.at))}: ${reasonOf(trouble.error)}`, '']),
    '| | |',
    '|---|---|',
    `| read | ${counted(open, unit)} |`,
    `| failed | ${counted(failed, unit)} |`,
    `| read to the end | ${counted(ended, unit)} |`,
    ...(log === undefined ? [] : [`| log | ${markdown(logText(log))} |`]),
    ...(gaps.length === 0 ? [] : ['', '**Gaps**: something was lost, and only a refresh passes them', '']),
    ...gaps
      .slice(-SHOWN)
      .map(({ at, reason, message }) => `- ${instant(new Date(at))}, ${reason}: ${reasonOf(message)}`),
    ...(failing.length === 0 ? [] : ['', '**Failed**', '', ...failing.map(failedLine)]),
    ...(failing.length === 0 ? [] : ['', `Send \`retryShard\` with the id of a ${unit}, or without one.`]),
  ].join('\n');
}

/** What the log consists of. */
const unitOf = ({ kind }: FollowProgress) => (kind === 'exports' ? 'window' : 'shard');

/** `2 GB; changes older than keepDays are kept for history lake` */
export function logText(log: LogProgress): string {
  if ('error' in log) return `could not be pruned: ${cut(onOneLine(log.error), MOST_ERROR_CHARACTERS)}`;
  const { bytes, keptFor } = log;
  return `${byteSize(bytes)}${keptFor.length === 0 ? '' : `; changes older than keepDays are kept for ${keptFor.join(', ')}`}`;
}

const failedLine = ({ shard, error = '' }: ShardProgress) => `- ${markdown(shard)}: ${reasonOf(error)}`;

/** Whole sentences, if they fit. */
const reasonOf = (text: string) =>
  markdown(cut(firstSentences(onOneLine(text), MOST_ERROR_CHARACTERS), MOST_ERROR_CHARACTERS));
