import type { ProgramResult } from './bench-datasets.ts';
import type { BoundsResult } from './bounds.ts';
import type { RecordFiles } from './record-files.ts';

const whole = (n: number) => Math.round(n).toLocaleString('en');
const one = (n: number) => n.toFixed(1);

/** The figures as text. */
export function datasetsText(
  { records, bytes, compressedBytes, paths }: RecordFiles,
  results: readonly ProgramResult[],
): string {
  const row = (...cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(i > 4 ? 14 : 10))).join(' ');
  const lines = [
    `${whole(records)} records, ${whole(bytes / 1e6)} MB of JSON in ${whole(paths.length)} files of ${whole(compressedBytes / 1e6)} MB`,
    row('', 'seconds', 'MB/s', 'CPU-s', 'MB/CPU-s', 'peak MB', 'largest child', 'files', 'Parquet MB'),
    ...results.map(({ program, seconds, cpuSeconds, peaks, files, bytes: written }) =>
      row(
        program,
        one(seconds),
        one(bytes / 1e6 / seconds),
        one(cpuSeconds),
        one(bytes / 1e6 / cpuSeconds),
        `${whole(peaks.own)}/${whole(peaks.together)}`,
        whole(peaks.child),
        whole(files),
        one(written / 1e6),
      ),
    ),
    'peak MB: of the process itself, and of it and its children at the same time.',
  ];
  return `${lines.join('\n')}\n`;
}

export function boundsText(name: string, result: BoundsResult): string {
  const { rows, partitions, generations, dataFiles, dataBytes, currentBytes, seconds, cpuSeconds, peaks } =
    result;
  return [
    `${name}: ${whole(rows)} rows in ${whole(partitions)} partitions`,
    `  ${whole(generations)} generations, ${whole(dataFiles)} data files of ${one(dataBytes / 1e6)} MB, of which readers see ${one(currentBytes / 1e6)} MB`,
    `  ${one(seconds)} s, ${one(cpuSeconds)} CPU-s; peak: worker ${peaks.own} MB, largest child ${peaks.child} MB, together ${peaks.together} MB`,
  ].join('\n');
}
