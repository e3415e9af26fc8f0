import { watchedText } from '../../pipeline/loader/watched.ts';
import { count, counted, duration } from '../../pipeline/text/measures.ts';
import { markdown } from '../failed-parts.ts';
import type { WatchProgress } from './watch.ts';

/** A watcher as Markdown, for the Web UI's current details: its state, what is wrong, the queue, what was found. */
export function watchDetails(progress: WatchProgress): string {
  const { watched, loaders, totals, since, unusedSince, queue, listings, problems, ended } = progress;
  const lines = [`**${headline(progress)}**`, ''];
  if (ended !== undefined) lines.push(markdown(ended), '');
  lines.push(
    `Watches \`${watchedText(watched)}\` for ${loaders.map((name) => `\`${name}\``).join(', ') || 'no loader'}.`,
  );
  if (unusedSince !== undefined && ended === undefined)
    lines.push(
      '',
      `No loader of the configuration uses it any more, since ${unusedSince}. It ends by itself after ten minutes.`,
    );
  for (const { of, code, error, at } of problems)
    lines.push('', `\`${of}\`: ${markdown(error)} (\`${code}\`, ${at}). It is tried again.`);
  if (queue !== undefined)
    lines.push(
      '',
      `Queue at ${queue.at}: ${counted(queue.visible, 'message')} waiting, ${count(queue.inFlight)} in flight, the oldest received ${queue.oldestSeconds === 0 ? 'at once' : `after ${duration(queue.oldestSeconds)}`}.`,
    );
  lines.push('', `| ${since === undefined ? 'so far' : `since ${since}`} | |`, '|---|---|');
  if ('queue' in watched)
    lines.push(
      `| messages | ${count(totals.messages)} |`,
      `| files announced | ${count(totals.files)} |`,
      `| files that no loader matches | ${count(totals.unmatched)} |`,
      `| receipts of messages that are not notifications of S3 | ${count(totals.poison)} |`,
    );
  lines.push(`| files found by listing | ${count(totals.listed)} |`);
  if (listings.length > 0) {
    lines.push(
      '',
      '| last listing | ended | files since | files | new | too old |',
      '|---|---|---|---|---|---|',
    );
    for (const each of listings)
      lines.push(
        `| \`${each.loader}\` | ${each.at} | ${each.from} | ${count(each.files)} | ${count(each.found)} | ${count(each.tooOld)} |`,
      );
  }
  return lines.join('\n');
}

/** A watcher in one line, for the memo. It changes only when an operator should look. */
export const watchLine = (progress: WatchProgress): string => headline(progress);

function headline({ state, problems, loaders }: WatchProgress): string {
  if (state === 'completed') return 'Completed';
  if (problems.length > 0) return `Waiting: ${problems.map(({ of, code }) => `${of} ${code}`).join(', ')}`;
  return loaders.length === 0 ? 'Waiting: no loader uses it' : 'Running';
}
