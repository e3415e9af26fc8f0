import { didYouMean } from '../../text/nearest.ts';
import type { DatasetBounds, DatasetDefinition } from '../definition.ts';
import { type ColumnType, typeText } from '../records/column-type.ts';
import { localHours } from '../records/local-time.ts';
import { RecordRefused } from '../records/map-record.ts';
import type { Cell } from '../records/record-row.ts';
import { partitionPath, WHOLE } from './partition-of.ts';

interface TypedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** The first and last day that records may have. */
export interface Days {
  readonly from: string;
  readonly until: string;
}

/** @param nowMs milliseconds since 1970 */
export function daysOf({ from, until }: DatasetBounds, timezone: string, nowMs: number): Days {
  if (until !== 'today' && until !== 'tomorrow') return { from, until };
  const today = localHours(timezone)(BigInt(Math.floor(nowMs)) * 1000n).day;
  const last = new Date(`${today}T00:00:00Z`);
  if (until === 'tomorrow') last.setUTCDate(last.getUTCDate() + 1);
  return { from, until: last.toISOString().slice(0, 10) };
}

/** What in a definition does not fit the columns of its record module, as `deduplicate.key: expected …`. */
export function misfitsOfModule(
  { partition, deduplicate }: Pick<DatasetDefinition, 'partition' | 'deduplicate'>,
  columns: readonly TypedColumn[],
): string[] {
  const { column, columns: parts = [], from, unit } = partition;
  const added = from === undefined ? [] : column === undefined ? parts : [column];
  const names = new Set([...columns.map(({ name }) => name), ...added]);
  const [kind, named, at] =
    from === undefined ? ['date', column, 'partition.column'] : ['timestamp', from, 'partition.from'];
  const found = columns.find(({ name }) => name === named);
  const collision = added.find((name) => columns.some((each) => each.name === name));
  const used = [
    ...(deduplicate?.key ?? []),
    ...(deduplicate?.newest === undefined ? [] : [deduplicate.newest]),
  ];
  return [
    ...(found?.type.kind === kind || unit === 'all'
      ? []
      : [
          `${at}: expected a column of type ${kind} in the record module, ` +
            `got ${String(named)}${found === undefined ? ', which is not among its columns' : ` of type ${typeText(found.type)}`}`,
        ]),
    ...(collision === undefined
      ? []
      : [`partition: expected a name that the record module does not have, got ${collision}`]),
    ...used
      .filter((name) => !names.has(name))
      .map(
        (name) =>
          `deduplicate: expected columns of the record module, got ${name}${didYouMean(name, names) || ', which is not among them'}`,
      ),
  ];
}

/**
 * The path of a row's partition, e.g. `record_date=2026-11-01`, by its cells; of a table without partitions, always the same.
 * @param columns of the record module, which fit the definition
 * @throws RecordRefused if the row has no day, or one that is out of bounds
 */
export function partitionRule(
  { column, columns: parts, from, unit, timezone }: DatasetDefinition['partition'],
  columns: readonly TypedColumn[],
  days: Days,
): (cells: readonly Cell[]) => string {
  if (unit === 'all') return () => WHOLE;
  const named = from ?? column;
  const at = columns.findIndex(({ name }) => name === named);
  const local = localHours(timezone);
  const paths = new Map<string, string>();
  const pathOf = (day: string, hour: string): string => {
    const known = paths.get(day + hour);
    if (known !== undefined) return known;
    const values =
      parts === undefined ? [unit === 'hour' ? `${day}-${hour}` : day] : [...day.split('-'), hour];
    const path = partitionPath(
      (parts ?? [column ?? '']).map((name, i) => ({ name, value: values[i] ?? '' })),
    );
    paths.set(day + hour, path);
    return path;
  };
  return (cells) => {
    const cell = cells[at];
    if (typeof cell !== 'string')
      throw new RecordRefused(`column ${named}: NULL, so that the record has no partition`);
    const { day, hour } = from === undefined ? { day: cell, hour: '' } : local(BigInt(cell));
    if (day < days.from || day > days.until)
      throw new RecordRefused(`column ${named}: a day that is not from ${days.from} to ${days.until}`, day);
    return pathOf(day, hour);
  };
}
