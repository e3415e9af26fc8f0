import { dictionaryHint } from '../../pipeline/mapping/suggest/likely-dictionaries.ts';
import { changeText } from '../../pipeline/run/previous-run.ts';
import type { Report } from '../../pipeline/run/report.ts';
import { isLive, stepOf, verdict } from '../../report/headline.ts';
import { skewOf } from '../../report/skew.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { byteSize, count, counted, duration } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable, wrapped } from '../terminal/text-table.ts';
import { dictionaryLines } from './dictionary-lines.ts';
import { filteredText, tableLines } from './run-report.ts';
import { stepLines } from './run-state.ts';

const TABLES_SHOWN = 20;

/** A report as a screen of text: a summary of the page. */
export function reportLines(report: Report, colours: Palette, columns: number): string[] {
  const { word, tone } = verdict(report);
  const colour = { ok: colours.green, warn: colours.yellow, bad: colours.red, calm: colours.cyan }[tone];
  const kind = report.status === 'load' ? 'table' : 'segment';
  const reasons = [
    ...(report.error === undefined ? [] : [report.error.message]),
    ...report.unfinished.map(({ child, state, error = '' }) => `${kind} ${child} ${state}: ${error}`),
  ];
  const lines = [
    `${colours.bold(report.pipeline)}  ${report.run}  ${colour(word)} ${colours.dim(duration(report.seconds))}`,
    ...reasons.flatMap((reason) => [
      '',
      ...wrapped(asTypedHere(reason), columns - 4).map((line) => `  ${colours.red(line)}`),
    ]),
    ...stepLines(stepOf(report), colours),
    ...(reasons.length === 0 ? [] : ['']),
    `  ${report.source.table} → ${report.warehouse.database}.${report.warehouse.schema}`,
    '',
    `  ${counted(report.items, 'item')}${filteredText(report)}, ${report.rejects === 0 ? 'none set aside' : colours.yellow(`${count(report.rejects)} set aside`)}; ${counted(report.rows, 'row')} ${isLive(report) ? 'in' : 'for'} ${counted(report.tables.length, 'table')}${isLive(report) || report.tables.length === 0 ? '' : ', not live'}`,
    `  ${byteSize(report.bytes)} in ${counted(report.files, 'file')}${report.bytes === 0 ? '' : `, ${(report.rawBytes / report.bytes).toFixed(1)} times smaller than uncompressed`}; ${count(report.readUnits)} read units`,
  ];
  lines.push(...changeLines(report, colours));
  for (const [reason, items] of Object.entries(report.rejectReasons)) {
    lines.push(`  ${colours.yellow(count(items))} set aside: ${reason}`);
  }
  lines.push(...dictionaryLines(report.dictionaries, colours, columns, report.error?.message));
  // The page shows the same hint among its notes.
  const hint = dictionaryHint(report.dictionaries);
  for (const note of report.notes.filter((each) => hint === undefined || !each.startsWith(hint)))
    lines.push(...wrapped(asTypedHere(note), columns - 4).map((line) => `  ${colours.dim(line)}`));
  const phases = report.phases.filter(({ seconds }) => seconds !== undefined);
  if (phases.length > 0) {
    const rows = phases.map(({ phase, seconds = 0 }) => [phase, duration(seconds)]);
    lines.push('', ...indented(textTable([{ title: '' }, { title: '', align: 'right' }], rows)));
  }
  const skew = skewOf(report.segments);
  if (skew !== undefined) {
    lines.push(
      `  ${counted(report.segments.length, 'segment')}: half took at most ${duration(skew.medianSeconds)}, the slowest (${skew.slowest[0]?.segment.segment}) ${duration(skew.slowestSeconds)}`,
    );
  }
  if (report.tables.length > 0) {
    const largest = report.tables.toSorted((a, b) => b.rows - a.rows).slice(0, TABLES_SHOWN);
    lines.push('', ...tableLines(largest, colours));
    if (report.tables.length > largest.length) {
      lines.push(colours.dim(`  and ${count(report.tables.length - largest.length)} smaller tables`));
    }
  }
  return lines;
}

/** What changed since the run before, if the report knows that. */
function changeLines(
  { previous, sealedAt, rows, items, bytes, seconds }: Report,
  colours: Palette,
): string[] {
  if (previous === undefined || sealedAt === undefined) return [];
  const change = (name: string, before: number, now: number) => `${name} ${changeText(before, now)}`;
  const changes = [
    change('items', previous.items, items),
    change('rows', previous.rows, rows),
    change('in S3', previous.bytes, bytes),
    change('time', previous.seconds, seconds),
  ];
  return [colours.dim(`  since ${previous.run}: ${changes.join(', ')}`)];
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
