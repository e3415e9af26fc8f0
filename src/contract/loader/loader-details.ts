import { tablePath } from '../../pipeline/loader/loader-directory.ts';
import { byteSize, counted, duration, instant } from '../../pipeline/text/measures.ts';
import { cut, firstSentences, onOneLine } from '../../pipeline/text/sentences.ts';
import { markdown } from '../failed-parts.ts';
import type { BatchRetry, LoaderLag, LoaderProgress } from './loader.ts';

/** How a loader is doing, as text: for the Web UI's current details, and for the memo. */

const SHOWN_PARKED = 10;
const MOST_ERROR_CHARACTERS = 600;

/** Age, size and number of the files that wait. */
export function lagOf({ inbox }: Pick<LoaderProgress, 'inbox'>, nowMs: number): LoaderLag {
  const seconds =
    inbox.oldest === undefined ? 0 : Math.max(0, Math.round((nowMs - Date.parse(inbox.oldest)) / 1000));
  return { seconds, bytes: inbox.bytes, count: inbox.files };
}

/** `running: batch 12 with 40 files; 3 batches parked`: one line. */
export function loaderLine(progress: LoaderProgress): string {
  const { state, current, paused, parkedTotal, trouble } = progress;
  return [
    current === undefined
      ? paused === undefined
        ? state
        : `paused: ${cut(onOneLine(paused.reason), 200)}`
      : `running: batch ${current.batch} with ${counted(current.files, 'file')}${current.retry === undefined ? '' : ', retried'}`,
    ...(parkedTotal === 0 ? [] : [`${counted(parkedTotal, 'batch', 'batches')} parked`]),
    ...(trouble === undefined ? [] : [`its inbox cannot be read: ${trouble.code}`]),
  ].join('; ');
}

/** `attempt 5 begins at 10:04:05; the one before failed: S3 did not answer` */
export const retryText = ({ attempt, error, nextAt }: BatchRetry): string =>
  `attempt ${attempt} ${nextAt === undefined ? 'runs' : `begins at ${instant(new Date(nextAt))}`}; the one before failed: ${error}`;

/** Markdown. */
export function loaderDetails(progress: LoaderProgress, nowMs: number): string {
  const { table, loaders, current, paused, next, parked, parkedTotal, totals, since, last, trouble } =
    progress;
  const isOne = loaders.length === 1;
  return [
    `**${isOne ? 'Loader' : 'Loaders'}** ${loaders.map(markdown).join(', ')} of \`${tablePath(table)}\``,
    '',
    ...(trouble === undefined
      ? []
      : [
          `**The inbox cannot be read** since ${instant(new Date(trouble.at))}: ${reasonOf(trouble.error)}`,
          '',
        ]),
    ...(paused === undefined
      ? []
      : [`**Paused** since ${instant(new Date(paused.at))}: ${reasonOf(paused.reason)}`, '']),
    `| | |`,
    `|---|---|`,
    `| waiting | ${waiting(progress, nowMs)} |`,
    `| loading | ${current === undefined ? 'nothing' : `batch ${current.batch}: ${counted(current.files, 'file')}, ${byteSize(current.bytes)}, since ${instant(new Date(current.startedAt))}`} |`,
    ...(current?.retry === undefined ? [] : [`| retried | ${reasonOf(retryText(current.retry))} |`]),
    ...(next.length === 0
      ? []
      : [
          `| next | ${counted(next.length, 'batch', 'batches')}: ${next.slice(0, SHOWN_PARKED).join(', ')} |`,
        ]),
    `| parked | ${counted(parkedTotal, 'batch', 'batches')} |`,
    `| loaded | ${counted(totals.batches, 'batch', 'batches')}, ${counted(totals.files, 'file')}, ${byteSize(totals.bytes)}${since === undefined ? '' : `, since ${instant(new Date(since))}`} |`,
    `| rows | ${counted(totals.rows, 'row')} read, ${counted(totals.merged, 'row')} written, ${counted(totals.deleted, 'row')} deleted, ${counted(totals.setAside, 'row')} set aside |`,
    ...(last === undefined
      ? []
      : [`| last | batch ${last.batch} at ${instant(new Date(last.at))}: ${counted(last.rows, 'row')} |`]),
    ...(parked.length === 0 ? [] : ['', '**Parked**', '']),
    ...parked
      .slice(0, SHOWN_PARKED)
      .map(({ batch, files, error }) => `- batch ${batch}, ${counted(files, 'file')}: ${reasonOf(error)}`),
    ...(parkedTotal > SHOWN_PARKED ? [`- and ${parkedTotal - SHOWN_PARKED} more`] : []),
    ...(parked.length === 0
      ? []
      : ['', 'Send `retryBatch`, `skipBatch` or `splitBatch` with the number of a batch.']),
  ].join('\n');
}

/** Whole sentences, if they fit. */
const reasonOf = (text: string) =>
  markdown(cut(firstSentences(onOneLine(text), MOST_ERROR_CHARACTERS), MOST_ERROR_CHARACTERS));

function waiting({ inbox }: LoaderProgress, nowMs: number): string {
  if (inbox.at === undefined) return 'not known yet';
  if (inbox.files === 0) return 'no files';
  const about = inbox.estimated === true ? 'about ' : '';
  const more = inbox.more === true ? ' or more' : '';
  const age =
    inbox.oldest === undefined ? '' : `, the oldest for ${duration(lagOf({ inbox }, nowMs).seconds)}`;
  return `${about}${counted(inbox.files, 'file')}, ${byteSize(inbox.bytes)}${more}${age}`;
}
