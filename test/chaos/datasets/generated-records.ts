import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';

/** The raw files of a schedule, and what must become of their records: nothing here is the product's. */

/** Not late, whatever the date is. */
export const DAYS = ['2099-01-01', '2099-01-02', '2099-01-03'] as const;
export const LATE_DAY = '2011-01-01';

/** What the record module of all schedules is. */
export const MODULE = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  id: { type: 'string', from: 'id' },
  day: { type: 'date', from: 'day' },
  amount: { type: 'bigint', from: 'amount' },
});
`;

export interface RecordsShape {
  readonly seed: number;
  /** Of rows with the same id and day, the greatest amount stays. */
  readonly deduplicates: boolean;
  /** Some records are of a late day. */
  readonly hasLate: boolean;
}

/** A version of a file. With `isRival`, it has a row of its own for every day but the late one, and is never overwritten. */
export interface FileVersion {
  readonly file: number;
  readonly version: number;
  readonly isRival: boolean;
}

export interface GeneratedRecord {
  readonly id: string | null;
  readonly day: string;
  /** Not a number: the record is set aside. */
  readonly amount: number | string | null;
}

export const nameOf = ({ file }: FileVersion): string => `2099/01/0${1 + (file % 3)}/f${file}.json`;

function recordsOf({ seed, deduplicates, hasLate }: RecordsShape, of: FileVersion): GeneratedRecord[] {
  const { file, version, isRival } = of;
  if (isRival) return DAYS.map((day) => ({ id: `rival-${file}`, day, amount: file }));
  return Array.from({ length: seededInteger(2, 5, seed, 'records', file, version) }, (_, i) => {
    const name = [seed, 'record', file, version, i] as const;
    const [first, ...names] = name;
    const fraction = (what: string) => seededFraction(first, ...names, what);
    const integer = (most: number, what: string) => seededInteger(0, most, first, ...names, what);
    const day = hasLate && fraction('late') < 0.15 ? LATE_DAY : seededChoice(DAYS, first, ...names, 'day');
    const id = deduplicates ? `id-${integer(4, 'id')}` : `f${file}-v${version}-${i}`;
    if (fraction('bad') < 0.08) return { id, day, amount: 'bad' };
    if (fraction('no id') < 0.08) return { id: null, day, amount: integer(9, 'amount') };
    return { id, day, amount: fraction('no amount') < 0.1 ? null : integer(9, 'amount') };
  });
}

export const bodyOf = (shape: RecordsShape, of: FileVersion): string =>
  recordsOf(shape, of)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');

/** A row as text: `day id amount`. */
const rowText = ({ id, day, amount }: GeneratedRecord) => `${day} ${id} ${amount}`;

/** The rows of these versions of files, sorted. */
export function rowsOf(shape: RecordsShape, files: readonly FileVersion[]): string[] {
  const good = files.flatMap((of) => recordsOf(shape, of)).filter(({ amount }) => typeof amount !== 'string');
  if (!shape.deduplicates) return good.map(rowText).toSorted();
  const rows: GeneratedRecord[] = [];
  for (const group of Map.groupBy(good, ({ id, day }) => `${id} ${day}`).values()) {
    if (group[0]?.id === null) {
      for (const record of group) rows.push(record);
      continue;
    }
    const size = ({ amount }: GeneratedRecord) => (amount === null ? -1 : Number(amount));
    rows.push(group.reduce((greatest, each) => (size(each) > size(greatest) ? each : greatest)));
  }
  return rows.map(rowText).toSorted();
}

/** The lines, from 1, of the records that are set aside. */
export const badLines = (shape: RecordsShape, of: FileVersion): number[] =>
  recordsOf(shape, of).flatMap(({ amount }, i) => (typeof amount === 'string' ? [i + 1] : []));
