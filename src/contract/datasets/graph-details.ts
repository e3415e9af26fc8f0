import { count, counted } from '../../pipeline/text/measures.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { markdown } from '../failed-parts.ts';
import type { GraphProgress, GraphTotals, UnfinishedPartition } from './graph.ts';

/** A run of derived datasets as Markdown, for the Web UI's current details. */
export function graphDetails(progress: GraphProgress): string {
  const { phase, built, unchanged, running, warnings, totals, unfinished, waitsFor } = progress;
  return [
    `**${phase === 'waiting' ? WAITING[waitsFor ?? 'operator'] : PHASES[phase]}**`,
    '',
    `${counted(built, 'partition')} new or changed, ${count(unchanged)} unchanged, ${count(running)} running`,
    ...(totals === undefined ? [] : ['', totalsText(totals)]),
    ...(unfinished.length === 0 ? [] : ['', 'Not complete:']),
    ...unfinished.map(
      ({ dataset, partition, state, reason }) =>
        `- \`${dataset}\` ${partition}: ${state}: ${markdown(onOneLine(reason))}`,
    ),
    ...(warnings.length === 0 ? [] : ['', 'Warnings:']),
    ...warnings.map((warning) => `- ${markdown(onOneLine(warning))}`),
    ...(phase === 'waiting' ? orderLines(unfinished.find(({ state }) => state === 'failed')) : []),
  ].join('\n');
}

const PHASES: Readonly<Record<Exclude<GraphProgress['phase'], 'waiting'>, string>> = {
  files: 'Running: new files',
  build: 'Running: building partitions',
  catalogue: 'Running: the catalogue',
  done: 'Done',
};

const WAITING: Readonly<Record<NonNullable<GraphProgress['waitsFor']>, string>> = {
  retry: 'Waiting: partitions failed; the run builds them again by itself',
  operator: 'Waiting for you: partitions failed',
};

/** What an operator can do about partitions that failed. */
function orderLines(failed: Pick<UnfinishedPartition, 'dataset' | 'partition'> | undefined): string[] {
  const { dataset = '<dataset>', partition = '<partition>' } = failed ?? {};
  const accepted = JSON.stringify({ dataset, partition, reason: '…' });
  return [
    '',
    '- Fix the cause, then: `tributary dataset retry`',
    '- End the run with what it has built: `tributary dataset finish`',
    `- Leave a partition as it was built last: \`tributary dataset accept ${dataset}/${partition} --reason "…"\``,
    '',
    `In the Web UI: send this workflow the update \`retry\`, \`finish\`, or \`accept\` with \`${accepted}\`.`,
  ];
}

/** Its progress in one line, for the memo. */
export function graphLine({ phase, built, unchanged, waitsFor, totals }: GraphProgress): string {
  const done = `${counted(built + unchanged, 'partition')} built`;
  if (phase === 'build') return `build: ${done}`;
  if (phase !== 'waiting') return phase;
  return `${waitsFor === 'retry' ? 'waiting' : 'waiting for you'}: ${count(totals?.failed ?? 0)} failed, ${done}`;
}

/** `12 complete, 1 ready, 2 wait`: what there is of each. */
export function totalsText({ complete, ready, waits, blocked, held, failed }: GraphTotals): string {
  const parts = [
    [ready, 'ready'],
    [waits, 'wait for inputs'],
    [blocked, 'blocked'],
    [held, 'wait for an approval'],
    [failed, 'failed'],
  ] as const;
  return [
    `${count(complete)} complete`,
    ...parts.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`),
  ].join(', ');
}
