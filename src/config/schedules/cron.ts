/**
 * Cron expressions as Temporal's schedules read them: five fields, or six with the year at the end, or seven that also
 * have the second at the start. Quartz writes six fields with the second first. Temporal would read its `0 0 2 * * *`
 * as midnight on the second day of each month, so a sixth field that is not a year is refused. Both the day of the
 * month and the day of the week must match, whereas in classic cron either is enough.
 * https://docs.temporal.io/develop/typescript/schedules and the server's service/worker/scheduler/calendar.go
 */

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** In the order of their numbers, starting with `min`. */
  readonly words?: readonly string[];
  /** A word may be shortened to this many letters. */
  readonly letters?: number;
}

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july'],
  ...['august', 'september', 'october', 'november', 'december'],
];
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
/** Last day of each month. The 29th of February does occur. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const DAY_OF_MONTH: Field = { name: 'day of the month', min: 1, max: 31 };
const MONTH: Field = { name: 'month', min: 1, max: 12, words: MONTHS, letters: 3 };
const FIVE: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  DAY_OF_MONTH,
  MONTH,
  // Sunday is both 0 and 7.
  { name: 'day of the week', min: 0, max: 7, words: DAYS, letters: 2 },
];
const SECOND: Field = { name: 'second', min: 0, max: 59 };
const YEAR: Field = { name: 'year', min: 2000, max: 2100 };

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

const SECONDS_FIRST =
  'five fields, the minute first: Temporal reads a sixth field as the year, and accepts seconds only with seven fields';

const MAX_COMMENT_BYTES = 200;
const byteLength = (text: string) => Buffer.byteLength(text, 'utf8');

/** What Go's strings.Fields separates by. */
const BLANKS = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** What is expected instead, in words; undefined if Temporal accepts the expression and it can match a date. */
export function cronProblem(text: string): string | undefined {
  const [expression = '', ...comment] = text.split('#');
  if (byteLength(comment.join('#').trim()) > MAX_COMMENT_BYTES) {
    return `a comment of at most ${MAX_COMMENT_BYTES} bytes after #`;
  }
  const words = expression.split(BLANKS).filter((word) => word !== '');
  const [first = ''] = words;
  if (/^(CRON_)?TZ=/.test(first)) return 'the time zone of a cron expression under timezone';
  if (first.startsWith('@every')) return 'an interval under every, e.g. every: 12h';
  if (first.startsWith('@')) {
    return words.length === 1 && NICKNAMES.includes(first) ? undefined : `one of ${NICKNAMES.join(', ')}`;
  }
  if (words.length === FIVE.length + 1 && !/^\d/.test(words.at(-1)!)) return SECONDS_FIRST;
  const fields = fieldsOf(words.length);
  if (fields === undefined) return 'a cron expression of five fields, e.g. 0 6 * * MON, or @daily';
  for (const [i, field] of fields.entries()) {
    const problem = fieldProblem(field, words[i]!);
    if (problem !== undefined) return problem;
  }
  return dateProblem(words[fields.indexOf(DAY_OF_MONTH)]!, words[fields.indexOf(MONTH)]!);
}

function fieldsOf(count: number): readonly Field[] | undefined {
  if (count === 5) return FIVE;
  if (count === 6) return [...FIVE, YEAR];
  return count === 7 ? [SECOND, ...FIVE, YEAR] : undefined;
}

function fieldProblem(field: Field, text: string): string | undefined {
  for (const part of text.split(',')) {
    if (rangeOf(field, part) !== undefined) continue;
    const { name, min, max, words } = field;
    const named = words === undefined ? '' : ` or a name such as ${words[1]!.slice(0, 3)}`;
    const article = name === 'hour' ? 'an' : 'a';
    return `${article} ${name} from ${min} to ${max}${named}, with -, / and commas for several, instead of ${JSON.stringify(part)}`;
  }
  return undefined;
}

/** The range of `*`, `x` or `x-z`, each optionally with `/step`; `x/step` extends to the maximum. */
function rangeOf(field: Field, part: string): { from: number; to: number; step: number } | undefined {
  const { range, step = '1' } = /^(?<range>[^/]+)(?:\/(?<step>\d{1,9}))?$/.exec(part)?.groups ?? {};
  if (range === undefined || Number(step) < 1) return undefined;
  if (range === '*') return { from: field.min, to: field.max, step: Number(step) };
  const ends = range.split('-').map((end) => numberOf(field, end));
  const [from, to = part.includes('/') ? field.max : from] = ends;
  if (from === undefined || to === undefined || ends.length > 2 || ends.includes(undefined)) return undefined;
  return to < from ? undefined : { from, to, step: Number(step) };
}

function numberOf({ min, max, words = [], letters = 1 }: Field, text: string): number | undefined {
  const index = text.length < letters ? -1 : words.findIndex((word) => word.startsWith(text.toLowerCase()));
  if (index >= 0) return min + index;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}

/** A date that never occurs, such as 31 June: Temporal accepts it, and never starts anything. */
function dateProblem(days: string, months: string): string | undefined {
  const firstDay = Math.min(...days.split(',').map((part) => rangeOf(DAY_OF_MONTH, part)!.from));
  const wanted = months.split(',').flatMap((part) => {
    const { from, to, step } = rangeOf(MONTH, part)!;
    return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
  });
  const comes = wanted.some((month) => LONGEST[month - 1]! >= firstDay);
  return comes ? undefined : `a date that exists: no month of "${months}" has a day ${firstDay}`;
}
