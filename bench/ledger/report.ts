import type { LedgerResult, LedgerRun } from './bench-ledger.ts';

const whole = (n: number) => Math.round(n).toLocaleString('en');
const one = (n: number) => n.toFixed(1);

/** The figures as text. */
export function ledgerText({ size, bytes, compressedBytes, files, statements, runs }: LedgerResult): string {
  return [
    `${whole(size.transactions)} transactions of ${whole(size.accounts)} accounts over ${size.days} days, ` +
      `${whole(bytes / 1e6)} MB of JSON in ${whole(files)} files of ${whole(compressedBytes / 1e6)} MB; ` +
      `all ${whole(statements)} statements have the text that the generator computed`,
    ...runs.map((run, index) => runText(run, index === 0 ? bytes : undefined)),
  ].join('\n');
}

function runText(
  { what, seconds, cpuSeconds, peaks, built, requests, writes, spans }: LedgerRun,
  bytes: number | undefined,
): string {
  const speed = bytes === undefined ? '' : `, ${one(bytes / 1e6 / cpuSeconds)} MB/s per CPU-second`;
  return [
    `${what}: ${one(seconds)} s, ${one(cpuSeconds)} CPU-s${speed}, ${whole(built)} partitions built`,
    `  peak: worker ${whole(peaks.own)} MB, largest child ${whole(peaks.child)} MB, together ${whole(peaks.together)} MB`,
    `  S3: ${[...requests].map(([name, count]) => `${whole(count)} ${name}`).join(', ')}`,
    ...[...writes].map(
      ([dataset, { puts, partitions, texts }]) =>
        `  ${dataset}: ${whole(puts)} PUTs, rows of ${whole(partitions.length)} partitions` +
        (texts.length === 0 ? '' : `, ${whole(texts.length)} of them text files`),
    ),
    ...spans.map(
      ({ what: kind, count, from, to, longestSeconds, mostEvents }) =>
        `  ${kind}: ${whole(count)} ${count === 1 ? 'workflow' : 'workflows'}, ${one(from)} to ${one(to)} s, ` +
        `the longest ${one(longestSeconds)} s, at most ${whole(mostEvents)} events`,
    ),
  ].join('\n');
}
