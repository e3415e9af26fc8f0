import type { ProgramResult } from './bench-datasets.ts';
import type { BoundsResult } from './bounds.ts';
import type { RecordFiles } from './record-files.ts';
import { exceeded } from './stated-bounds.ts';

const whole = (n: number) => Math.round(n).toLocaleString('en');
const one = (n: number) => n.toFixed(1);

const sum = (sizes: readonly number[]) => sizes.reduce((all, each) => all + each, 0);

/** In megabytes. */
function spread(sizes: readonly number[]): string {
  const sorted = sizes.toSorted((a, b) => a - b);
  const places = [0, Math.floor((sorted.length - 1) / 2), sorted.length - 1];
  return sorted.length === 0 ? '-' : places.map((i) => one(sorted[i]! / 1e6)).join('/');
}

/** The figures as text. */
export function datasetsText(
  { records, bytes, compressedBytes, paths }: RecordFiles,
  results: readonly ProgramResult[],
): string {
  const row = (...cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(i > 4 ? 14 : 10)))
      .join(' ')
      .trimEnd();
  const lines = [
    `${whole(records)} records, ${whole(bytes / 1e6)} MB of JSON in ${whole(paths.length)} files of ${whole(compressedBytes / 1e6)} MB`,
    row('', 'seconds', 'MB/s', 'CPU-s', 'MB/CPU-s', 'peak MB', 'children', 'files', 'Parquet MB', 'MB each'),
    ...results.map(({ program, seconds, cpuSeconds, peaks, sizes }) =>
      row(
        program,
        one(seconds),
        one(bytes / 1e6 / seconds),
        one(cpuSeconds),
        one(bytes / 1e6 / cpuSeconds),
        `${whole(peaks.own)}/${whole(peaks.together)}`,
        `${whole(peaks.child)}/${whole(peaks.children)}`,
        whole(sizes.length),
        one(sum(sizes) / 1e6),
        spread(sizes),
      ),
    ),
    'MB/CPU-s: of JSON, per second of one core, of the process and its children.',
    'peak MB: of the process itself, and of it and its children at the same time; children: the largest one, and all at the same time.',
    'MB each: of the Parquet files, the smallest, the median, the largest.',
  ];
  return `${lines.join('\n')}\n`;
}

export function boundsText(name: string, result: BoundsResult): string {
  const { rows, partitions, generations, dataFiles, dataBytes, bounds, seconds, cpuSeconds, peaks } = result;
  const current = sum(partitions.map(({ bytes }) => bytes));
  return [
    `${name}: ${whole(rows)} rows in ${whole(partitions.length)} partitions`,
    `  ${whole(generations)} generations of at most ${whole(bounds.generations)}; ${whole(dataFiles)} data files of at most ${whole(bounds.dataFiles)}`,
    `  ${whole(dataBytes)} bytes written or copied of at most ${whole(bounds.dataBytes)}; readers see ${whole(current)}`,
    `  ${one(seconds)} s, ${one(cpuSeconds)} CPU-s; peak: worker ${peaks.own} MB, largest child ${peaks.child} MB, together ${peaks.together} MB`,
    ...exceeded(result, bounds).map((line) => `  EXCEEDED: ${line}`),
  ].join('\n');
}
