import { delayLines, itemsDone, itemsText, stepsText, type WorkNow } from '../pipeline/run/work-now.ts';
import { byteSize } from '../pipeline/text/measures.ts';
import type { InferProgress } from './infer.ts';
import type { Progress } from './refresh.ts';

/** What a run or inference is doing now, for views. */
interface Work {
  readonly now?: WorkNow | undefined;
  /** Items of the segments, or rows of the tables, that have ended. */
  readonly settled: { readonly items: number; readonly bytes: number } | undefined;
  /** About how many items the table has, or how many rows the run; undefined if not known. */
  readonly known?: number | undefined;
  readonly unit?: 'items' | 'rows';
  /** What is at work. Default: the steps of a phase. */
  readonly part?: 'segment' | 'table';
}

/** That of a run: in other phases than these two, nothing is counted. */
export function workOf({ phase, extract, load, knownItems, knownRows, now }: Progress): Work {
  if (phase === 'extract')
    return { now, settled: now?.settled ?? extract, known: knownItems, part: 'segment' };
  if (phase === 'load')
    return { now, settled: now?.settled ?? load, known: knownRows, unit: 'rows', part: 'table' };
  return { now, settled: undefined };
}

/** That of an inference. */
export function workOfInference({ phase, scan, knownItems, now }: InferProgress): Work {
  if (phase !== 'scan') return { now, settled: undefined };
  return { now, settled: now?.settled ?? scan, known: knownItems, part: 'segment' };
}

/** The share of the items, or rows, that are done, from 0 to 1; undefined if it is not known. */
export const shareOf = ({ now, settled, known }: Work): number | undefined =>
  now === undefined || settled === undefined ? undefined : itemsDone(settled.items, now, known).share;

/** How much is done, and what the segments, tables or steps do: at most one line each. */
export function countLines({ now, settled, known, unit = 'items', part }: Work): string[] {
  if (now === undefined) return [];
  const steps = stepsText(now, part);
  const bytes = (settled?.bytes ?? 0) + now.bytes;
  const done =
    settled === undefined
      ? []
      : [
          `${itemsText(settled.items, now, known, unit)}${bytes > 0 ? `, ${byteSize(bytes)} ${unit === 'rows' ? 'loaded' : 'written'}` : ''}`,
        ];
  return [...done, ...(steps === '' ? [] : [steps])];
}

/** The same as Markdown, with what is retried or blocked, why, and the time at which it was seen. */
export function workDetails(work: Work): string[] {
  const delays = work.now === undefined ? [] : delayLines(work.now);
  const lines = [...countLines(work), ...delays].map((line) => `- ${line.replace(/[\\`*_<>[\]]/g, '\\$&')}`);
  return lines.length === 0 ? [] : ['', `**At ${(work.now?.at ?? '').slice(11, 19)} UTC**:`, '', ...lines];
}
