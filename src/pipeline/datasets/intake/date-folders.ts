/**
 * Folders by date, as most producers have them: `2026/11/01/`, `year=2026/month=11/day=01/`, `dt=2026-11-01/`, with or without hours
 * below. The index of taken files has one document per day, so that a run reads only those of the days that it lists.
 */

/** A folder whose name is a part of a date, with what it begins and ends. */
export interface DateFolder {
  /** The first day in it, ISO 8601: `2026-01-01` for the folder of a year. */
  readonly from: string;
  /** The day after the last one. */
  readonly until: string;
  readonly level: 'year' | 'month' | 'day';
}

const NAME = /^(?:[^/=]+=)?(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|\d{2})$/;

const day = (year: number, month: number, date: number) =>
  new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10);

/**
 * What a folder's name says.
 * @param name without slashes
 * @param parent what the folder above it says; undefined if it is no date, or if there is none
 * @returns undefined if the name is no part of a date, or none that can follow the parent's
 */
export function dateFolder(name: string, parent: DateFolder | undefined): DateFolder | undefined {
  const written = NAME.exec(name)?.[1];
  if (written === undefined) return undefined;
  if (written.length >= 8) {
    if (parent !== undefined) return undefined;
    const text =
      written.length === 10 ? written : `${written.slice(0, 4)}-${written.slice(4, 6)}-${written.slice(6)}`;
    return wholeDay(text);
  }
  const number = Number(written);
  if (parent === undefined)
    return written.length === 4 && number >= 1970
      ? { from: day(number, 1, 1), until: day(number + 1, 1, 1), level: 'year' }
      : undefined;
  if (written.length !== 2) return undefined;
  const [year = 0, month = 0] = parent.from.split('-').map(Number);
  if (parent.level === 'year')
    return number >= 1 && number <= 12
      ? { from: day(year, number, 1), until: day(year, number + 1, 1), level: 'month' }
      : undefined;
  if (parent.level === 'month') return wholeDay(`${parent.from.slice(0, 8)}${written}`, month);
  return undefined;
}

function wholeDay(text: string, month?: number): DateFolder | undefined {
  const at = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text) return undefined;
  const [year = 0, ownMonth = 0, date = 0] = text.split('-').map(Number);
  if (month !== undefined && month !== ownMonth) return undefined;
  return { from: text, until: day(year, ownMonth, date + 1), level: 'day' };
}

/**
 * The folder of a file's key that has an index of its own: its day if its folders are dates, else its last folder.
 * @param path the key below the source's prefix
 */
export function folderOf(path: string): string {
  const names = path.split('/').slice(0, -1);
  let found: DateFolder | undefined;
  for (const [index, name] of names.entries()) {
    const next = dateFolder(name, found);
    if (next === undefined && found !== undefined) break;
    found = next ?? found;
    if (found?.level === 'day') return names.slice(0, index + 1).join('/');
  }
  return names.join('/');
}
