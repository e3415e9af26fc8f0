import { count, counted } from '../../pipeline/text/measures.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { markdown } from '../failed-parts.ts';
import type { GraphProgress, GraphTotals } from './graph.ts';

/** A run of derived datasets as Markdown, for the Web UI's current details. */
export function graphDetails(progress: GraphProgress): string {
  const { phase, built, unchanged, running, warnings, totals, unfinished, waitsFor } = progress;
  return [
    `**${PHASES[phase]}${waitsFor === 'retry' ? ', and are built again' : ''}**`,
    '',
    `${counted(built, 'partition')} with other rows, ${count(unchanged)} with the same, ${count(running)} running`,
    ...(totals === undefined ? [] : ['', totalsText(totals)]),
    ...(unfinished.length === 0 ? [] : ['', 'Not complete:']),
    ...unfinished.map(
      ({ dataset, partition, state, reason }) =>
        `- \`${dataset}\` ${partition}: ${state}: ${markdown(onOneLine(reason))}`,
    ),
    ...(warnings.length === 0 ? [] : ['', 'Warnings:']),
    ...warnings.map((warning) => `- ${markdown(onOneLine(warning))}`),
    ...(phase === 'waiting'
      ? ['', 'Fix the cause, then send the update `retry`; `finish` ends the run with what it has built.']
      : []),
  ].join('\n');
}

const PHASES: Readonly<Record<GraphProgress['phase'], string>> = {
  files: 'Running: new files',
  build: 'Running: building partitions',
  catalogue: 'Running: the catalogue',
  waiting: 'Waiting: partitions failed',
  done: 'Done',
};

/** Its progress in one line, for the memo. */
export const graphLine = ({ phase, built, unchanged }: GraphProgress): string =>
  phase === 'build' || phase === 'waiting' ? `${phase} ${built + unchanged}` : phase;

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
