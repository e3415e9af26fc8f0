import { type Figures, figuresOf, type Measurement, type Ratios } from './measurement.ts';

interface Column {
  readonly head: string;
  readonly cell: (measurement: Measurement, figures: Figures) => string;
  readonly isText?: true;
}

const COLUMNS: readonly Column[] = [
  { head: 'shape', cell: ({ shape }) => shape, isText: true },
  { head: 'program', cell: ({ program }) => program, isText: true },
  { head: 'cores', cell: ({ cores }) => String(cores) },
  { head: 'MB', cell: ({ jsonBytes }) => (jsonBytes / 1e6).toFixed(0) },
  { head: 'MB/s per CPU-s', cell: (_, { megabytesPerCpuSecond }) => megabytesPerCpuSecond.toFixed(1) },
  { head: 'at scale', cell: (_, figures) => figures.megabytesPerCpuSecondAtScale.toFixed(1) },
  { head: 'items per CPU-s', cell: (_, { itemsPerCpuSecond }) => itemsPerCpuSecond.toFixed(0) },
  { head: 'CPU s', cell: (_, { cpuSeconds }) => cpuSeconds.toFixed(2) },
  { head: 'of one item', cell: ({ oneItemCpuSeconds }) => oneItemCpuSeconds.toFixed(2) },
  { head: 'servers s', cell: (_, { serversCpuSeconds }) => serversCpuSeconds.toFixed(2) },
  { head: 'wall s', cell: (_, { wallSeconds }) => wallSeconds.toFixed(2) },
  { head: 'peak MB', cell: (_, { peakMegabytes }) => peakMegabytes.toFixed(0) },
];

/** One row per measurement, in columns for a terminal; also valid in Markdown. */
export function tableOf(measurements: readonly Measurement[]): string {
  const rows = measurements.map((each) => COLUMNS.map(({ cell }) => cell(each, figuresOf(each))));
  const widths = COLUMNS.map(({ head }, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (COLUMNS[i]!.isText ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => `${'-'.repeat(width + 1)}${COLUMNS[i]!.isText ? '-' : ':'}`);
  return [line(COLUMNS.map(({ head }) => head)), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

/** Such as `single-table: 9.4× first-written, 28.1× dlt, 86 MB/s per CPU-second, 1.90× on 2 cores`. */
export function lineOf({ shape, times, megabytesPerCpuSecond, speedup }: Ratios): string {
  return `${shape}: ${[
    ...Object.entries(times).map(([program, ratio]) => `${ratio.toFixed(1)}× ${program}`),
    `${megabytesPerCpuSecond.toFixed(0)} MB/s per CPU-second`,
    ...Object.entries(speedup).map(([cores, ratio]) => `${ratio.toFixed(2)}× on ${cores} cores`),
  ].join(', ')}`;
}
