import type { RefreshResult } from '../../contract/refresh.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { byteSize, count, counted, duration } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable, wrapped } from '../terminal/text-table.ts';
import { checkLines } from './check-lines.ts';
import { dictionaryLines } from './dictionary-lines.ts';
import type { RunObservation } from './observe-run.ts';
import type { RunFigures } from './run-figures.ts';

/** The result of a run. */

const COLUMNS = 100;

/** The last line of `run --json`: always these keys, whether the run succeeded or not; `filtered` if it is not 0. */
export function jsonReport(
  run: string,
  status: string,
  { tables, items, rejects, filtered, drift }: RunFigures,
  seconds: number,
): string {
  return JSON.stringify({
    run,
    status,
    tables: tables.map(({ table, rows, bytes }) => ({ table, rows, bytes })),
    items,
    rejects,
    ...(filtered === undefined ? {} : { filtered }),
    drift: drift ?? null,
    seconds: Math.round(seconds * 10) / 10,
  });
}

/** The items that `where` left out, after the number of all. */
export const filteredText = ({ filtered = 0 }: { readonly filtered?: number | undefined }): string =>
  filtered === 0 ? '' : ` (${count(filtered)} of them left out by where)`;

/** `status` in JSON: `replaced` or the last phase of a completed run, else the run's state. */
export const statusWord = ({ result, state }: RunObservation): string => result?.status ?? state;

export function resultLines(pipeline: string, result: RefreshResult, colours: Palette): string[] {
  const done =
    result.status === 'replaced' ? `${pipeline} is replaced` : `${pipeline}: done up to ${result.status}`;
  const aside =
    result.rejects === 0 ? 'none set aside' : colours.yellow(`${count(result.rejects)} set aside`);
  const lines = [
    `${colours.green('✓')} ${colours.bold(done)} in ${duration(result.seconds)}: ${counted(result.items, 'item')}${filteredText(result)}, ${aside}`,
  ];
  const drift = driftText(result.drift);
  if (drift !== undefined) lines.push(`  ${colours.yellow(drift)}`);
  lines.push(...checkLines(result.checks, colours));
  lines.push(...dictionaryLines(result.dictionaries, colours, COLUMNS));
  lines.push(...noteLines(result.notes, colours));
  if (result.tables.length > 0) lines.push('', ...tableLines(result.tables, colours));
  return lines;
}

/** The notes, each wrapped below its first line. */
function noteLines(notes: readonly string[] = [], colours: Palette): string[] {
  return notes.flatMap((note) =>
    wrapped(`Note: ${asTypedHere(note)}`, COLUMNS - 4).map(
      (line, i) => `${i === 0 ? '  ' : '    '}${colours.yellow(line)}`,
    ),
  );
}

/** `the schema drifted: 2 new columns, 1 wider column`; undefined if nothing is new. */
export function driftText(drift: RefreshResult['drift']): string | undefined {
  if (drift === undefined) return undefined;
  const gone = drift.newlyGone ?? drift.gone;
  const parts = [
    ...(drift.newTables > 0 ? [counted(drift.newTables, 'new table')] : []),
    ...(drift.newColumns > 0 ? [counted(drift.newColumns, 'new column')] : []),
    ...(drift.widened > 0 ? [counted(drift.widened, 'wider column')] : []),
    ...(drift.retyped ? [counted(drift.retyped, 'changed type')] : []),
    ...(drift.renamed ? [counted(drift.renamed, 'changed name')] : []),
    ...(gone > 0
      ? [counted(gone, 'column that has no values any more', 'columns that have no values any more')]
      : []),
  ];
  return parts.length === 0 ? undefined : `the schema drifted: ${parts.join(', ')}`;
}

/** Tables with their rows, those with the most rows first, as in the report. */
export function tableLines(tables: RefreshResult['tables'], colours: Palette): string[] {
  return textTable(
    [{ title: 'table' }, { title: 'rows', align: 'right' }, { title: 'in S3', align: 'right' }],
    tables
      .toSorted((a, b) => b.rows - a.rows)
      .map(({ table, rows, bytes }) => [table, count(rows), byteSize(bytes)]),
    colours.dim,
  ).map((line) => `  ${line}`);
}
