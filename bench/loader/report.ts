import type { AnnouncedResult, Durations, HistorySizes, Stage, WaitingResult } from './bench-loader.ts';
import { listPrice } from './list-prices.ts';
import type { Counts } from './requests.ts';

/** The figures of many files that are announced at once, as text. */
export function announcedText(result: AnnouncedResult): string {
  const { files, loaded, batches, toInbox, toTable, planning, loading } = result;
  const secondsPerFile = toInbox.seconds / files + toTable.seconds / loaded;
  const cpuPerFile = toInbox.cpuSeconds / files + toTable.cpuSeconds / loaded;
  const lines = [
    `${whole(files)} files announced at once, ${whole(loaded)} of them loaded in ${whole(batches)} batches`,
    row('', 'seconds', 'files/s', 'CPU-s per 1,000 files', 'peak MB'),
    stageRow('queue to inbox', toInbox, files),
    stageRow('inbox to table', toTable, loaded),
    row('together', '', whole(1 / secondsPerFile), three(1000 * cpuPerFile), ''),
    `inbox to batch: ${durationsText(planning)}`,
    `batch to table: ${durationsText(loading)}`,
    `An idle worker takes ${result.idleMegabytes} MB.`,
    ...requestLines('queue to inbox', toInbox.requests, files),
    ...requestLines('inbox to table', toTable.requests, loaded),
    // COPY is the warehouse's: at least one GET per file.
    `COPY itself reads each file: about $${(0.4).toFixed(2)} per million files.`,
    ...result.histories.map(historyText),
  ];
  return `${lines.join('\n')}\n`;
}

/** The figures of some batches while many files wait. */
export function waitingText({
  waiting,
  loaded,
  toTable,
  planning,
  loading,
  inbox,
  status,
  histories,
}: WaitingResult) {
  const lines = [
    `${whole(loaded)} files loaded while ${whole(waiting)} more wait`,
    row('', 'seconds', 'files/s', 'CPU-s per 1,000 files', 'peak MB'),
    stageRow('inbox to table', toTable, loaded),
    `inbox to batch: ${durationsText(planning)}`,
    `batch to table: ${durationsText(loading)}`,
    `The loader says that ${inboxText(inbox)}.`,
    `"loader status" finds in ${one(status.seconds)} s that ${inboxText(status)}.`,
    ...requestLines('inbox to table', toTable.requests, loaded),
    ...histories.map(historyText),
  ];
  return `${lines.join('\n')}\n`;
}

const inboxText = ({ files, estimated, more }: WaitingResult['inbox']) =>
  `${estimated ? 'about ' : ''}${whole(files)} files wait${more ? ', and more' : ''}`;

const stageRow = (name: string, { seconds, cpuSeconds, peakMegabytes }: Stage, files: number) =>
  row(name, one(seconds), whole(files / seconds), three((1000 * cpuSeconds) / files), whole(peakMegabytes));

const durationsText = ({ count, medianMs, mostMs, totalSeconds }: Durations) =>
  `${whole(count)} times, median ${whole(medianMs)} ms, at most ${whole(mostMs)} ms, ${one(totalSeconds)} s in all`;

function requestLines(stage: string, requests: Counts, files: number): string[] {
  const dollars = (listPrice(requests) * 1e6) / files;
  return [
    `${stage}, requests per 1,000 files; $${dollars.toFixed(2)} per million files at AWS's list prices:`,
    ...Object.entries(requests).map(([name, n]) => `  ${name.padEnd(40)} ${one((1000 * n) / files)}`),
  ];
}

const historyText = ({ workflow, executions, events, mostEvents, mostBytes }: HistorySizes) =>
  `${workflow}: ${whole(events)} events in ${whole(executions)} executions; the longest has ${whole(mostEvents)} events, ` +
  `${whole(mostBytes / 1000)} KB.`;

const row = (name: string, ...cells: string[]) =>
  name.padEnd(18) + cells.map((cell) => cell.padStart(24)).join('');
const whole = (n: number) => Math.round(n).toLocaleString('en');
const one = (n: number) => n.toLocaleString('en', { maximumFractionDigits: 1 });
const three = (n: number) => n.toFixed(3);
