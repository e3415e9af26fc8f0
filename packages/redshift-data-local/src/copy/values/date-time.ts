/** A time read from a field, as PostgreSQL's text; undefined if the field does not match the format. */
interface Parts {
  year: number;
  month: number;
  day: number;
  time: string;
  zone: string;
}

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** What DATEFORMAT and TIMEFORMAT strings are made of (AWS: "DATEFORMAT and TIMEFORMAT strings"). */
const ELEMENTS: Record<string, string> = {
  yyyy: String.raw`(?<year>\d{4})`,
  yy: String.raw`(?<shortYear>\d{2})`,
  mm: String.raw`(?<month>\d{1,2})`,
  mon: '(?<monthName>[a-z]{3})',
  dd: String.raw`(?<day>\d{1,2})`,
  hh24: String.raw`(?<hour>\d{1,2})`,
  hh12: String.raw`(?<hour12>\d{1,2})`,
  hh: String.raw`(?<hour>\d{1,2})`,
  mi: String.raw`(?<minute>\d{1,2})`,
  ss: String.raw`(?<second>\d{1,2}(?:\.\d{1,6})?)`,
  am: '(?<half>am|pm)',
  pm: '(?<half>am|pm)',
};

/** A format string, compiled. */
export interface DateTimeFormat {
  text: string;
  pattern: RegExp;
}

/** Compiles a DATEFORMAT or TIMEFORMAT string; undefined if it has unknown letters or no date. */
export function dateTimeFormat(text: string): DateTimeFormat | undefined {
  const seen = new Set<string>();
  let known = true;
  const source = text.toLowerCase().replace(/[a-z]+(?:24|12)?|[\s\S]/g, (piece) => {
    if (!/[a-z]/.test(piece)) return piece.replace(/[^\w\s]/g, String.raw`\$&`);
    let out = '';
    for (let rest = piece; rest !== ''; ) {
      const name = Object.keys(ELEMENTS)
        .sort((a, b) => b.length - a.length)
        .find((element) => rest.startsWith(element));
      if (name === undefined || seen.has(name)) {
        // A single letter T between date and time is literal.
        if (rest !== 't') known = false;
        return out + rest;
      }
      seen.add(name);
      out += ELEMENTS[name];
      rest = rest.slice(name.length);
    }
    return out;
  });
  const hasDate =
    (seen.has('yyyy') || seen.has('yy')) && (seen.has('mm') || seen.has('mon')) && seen.has('dd');
  if (!known || !hasDate) return undefined;
  return { text, pattern: new RegExp(`^\\s*${source}\\s*$`, 'i') };
}

const CLOCK = String.raw`(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:\.\d{1,6})?))?`;
const ISO = String.raw`(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})`;
const OFFSET = String.raw`(?<zone>[+-]\d{2}(?::?\d{2})?)`;

/**
 * What 'auto' recognizes here: the unambiguous forms of AWS's table ("Automatic recognition"). Julian days, BC, day
 * numbers, two-digit years and named zones are refused.
 */
const AUTOMATIC: RegExp[] = [
  `${ISO}(?: ${CLOCK}(?: ?${OFFSET})?)?`,
  `${ISO}T${CLOCK}(?<zone>Z)?`,
  `${ISO} ${CLOCK}(?<zone>Z)`,
  String.raw`(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?: (?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2}))?`,
  String.raw`(?<month>\d{2})/(?<day>\d{2})/(?<year>\d{4})(?: ${CLOCK})?`,
  String.raw`(?<monthName>[a-z]{3})-(?<day>\d{2})-(?<year>\d{4})(?: ${CLOCK})?`,
  String.raw`(?<day>\d{1,2})[- ](?<monthName>[a-z]{3})[- ](?<year>\d{4})(?: ${CLOCK})?`,
].map((source) => new RegExp(`^${source}$`, 'i'));

const STANDARD = new RegExp(
  `^${ISO} (?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2}(?:\\.\\d{1,6})?)${OFFSET}?$`,
);
const STANDARD_DATE = new RegExp(`^${ISO}$`);

export type DateTimeReading = 'default' | 'auto' | 'epochsecs' | 'epochmillisecs' | DateTimeFormat;

/** A DATE as PostgreSQL reads it. A time is dropped if the format allows it ('auto' or a format string). */
export function readDate(text: string, reading: DateTimeReading): string | undefined {
  const parts = readParts(text, reading === 'default' ? [STANDARD_DATE] : patternsOf(reading));
  return parts && dateText(parts);
}

/** A TIMESTAMP or TIMESTAMPTZ as PostgreSQL reads it; without a zone it is UTC. */
export function readTimestamp(
  text: string,
  kind: 'timestamp' | 'timestamptz',
  reading: DateTimeReading,
): string | undefined {
  if (reading === 'epochsecs' || reading === 'epochmillisecs')
    return epoch(text, reading === 'epochsecs' ? 1 : 1000);
  const parts = readParts(text, reading === 'default' ? [STANDARD] : patternsOf(reading));
  if (parts === undefined) return undefined;
  const { zone } = parts;
  // A TIMESTAMP cannot hold an offset; Z just means UTC.
  if (kind === 'timestamp' && zone !== '' && zone.toUpperCase() !== 'Z') return undefined;
  return `${dateText(parts)} ${parts.time}${kind === 'timestamp' ? '' : zone.replace(/^z$/i, '+00')}`;
}

function patternsOf(reading: Exclude<DateTimeReading, 'default'>): RegExp[] {
  if (reading === 'auto') return AUTOMATIC;
  return typeof reading === 'string' ? [] : [reading.pattern];
}

function readParts(text: string, patterns: RegExp[]): Parts | undefined {
  for (const pattern of patterns) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) continue;
    const shortYear = Number(groups.shortYear);
    const year = groups.year === undefined ? shortYear + (shortYear < 70 ? 2000 : 1900) : Number(groups.year);
    const month =
      groups.month === undefined
        ? MONTH_NAMES.indexOf(groups.monthName!.toLowerCase()) + 1
        : Number(groups.month);
    const day = Number(groups.day);
    const time = clockText(groups);
    if (!isDay(year, month, day) || time === undefined) return undefined;
    return { year, month, day, time, zone: groups.zone ?? '' };
  }
  return undefined;
}

function clockText(groups: Record<string, string | undefined>): string | undefined {
  let hour = Number(groups.hour ?? groups.hour12 ?? 0);
  const minute = Number(groups.minute ?? 0);
  const [second = '0', fraction = ''] = (groups.second ?? '0').split('.');
  if (groups.hour12 !== undefined && (hour < 1 || hour > 12)) return undefined;
  if (groups.half !== undefined) {
    if (hour > 12) return undefined;
    hour = (hour % 12) + (groups.half.toLowerCase() === 'pm' ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || Number(second) > 59) return undefined;
  return `${two(hour)}:${two(minute)}:${two(Number(second))}${fraction === '' ? '' : `.${fraction}`}`;
}

function epoch(text: string, perSecond: number): string | undefined {
  if (!/^[+-]?\d{1,16}$/.test(text.trim())) return undefined;
  const moment = new Date((Number(text) * 1000) / perSecond);
  if (Number.isNaN(moment.getTime()) || moment.getUTCFullYear() < 1 || moment.getUTCFullYear() > 9999)
    return undefined;
  return moment
    .toISOString()
    .replace('T', ' ')
    .replace(/(\.000)?Z$/, '');
}

function isDay(year: number, month: number, day: number): boolean {
  return (
    year >= 1 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  );
}

const two = (value: number) => String(value).padStart(2, '0');
const dateText = ({ year, month, day }: Parts) =>
  `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
