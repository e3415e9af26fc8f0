import type { TargetColumn } from '../src/copy/target-column.ts';

/** A line as it was loaded, or why it was not. Values are latin1, one character per byte. */
export type ReadRow =
  | { line: number; values: (string | null)[] }
  | { line: number; code: number; column: string | undefined };

interface Field {
  text: string;
  bad: boolean;
}

/**
 * A second implementation of COPY's rules for CSV, from AWS's pages, character by character and without shortcuts.
 * It shares nothing with the server except the description of a column.
 */
export function readSlowly(file: Buffer, columns: TargetColumn[], options: ReadonlySet<string>): ReadRow[] {
  const quote = options.has("QUOTE AS ''''") ? "'" : '"';
  const delimiter = options.has("DELIMITER '|'") ? '|' : options.has(String.raw`DELIMITER '\t'`) ? '\t' : ',';
  const rows: ReadRow[] = [];
  const characters = file.toString('latin1').split('');
  let at = 0;
  let line = 1;
  let number = 0;
  while (at < characters.length) {
    const firstLine = line;
    const start = at;
    const fields: Field[] = [];
    let ended = false;
    while (!ended) {
      const field = { text: '', bad: false };
      const blanks = countBlanks(characters, at, delimiter);
      if (characters[at + blanks] === quote) {
        at += blanks + 1;
        for (;;) {
          if (at >= characters.length) {
            field.bad = true;
            break;
          }
          if (characters[at] === quote && characters[at + 1] === quote) {
            field.text += quote;
            at += 2;
            continue;
          }
          if (characters[at] === quote) {
            at++;
            break;
          }
          if (characters[at] === '\n') line++;
          field.text += characters[at++];
        }
        let behind = '';
        while (at < characters.length && characters[at] !== delimiter && characters[at] !== '\n')
          behind += characters[at++];
        if (/[^ \t]/.test(behind.replace(/\r$/, ''))) field.bad = true;
      } else {
        while (at < characters.length && characters[at] !== delimiter && characters[at] !== '\n')
          field.text += characters[at++];
        if (field.text.includes(quote)) field.bad = true;
        if (characters[at] === '\n') field.text = field.text.replace(/\r$/, '');
      }
      fields.push(field);
      ended = characters[at] !== delimiter;
      at++;
    }
    line++;
    number++;
    if (options.has('IGNOREHEADER 1') && number === 1) continue;
    const raw = characters.slice(start, at - 1).join('');
    const blank = (characters[at - 1] === '\n' ? raw.replace(/\r$/, '') : raw) === '';
    if (blank && options.has('IGNOREBLANKLINES')) continue;
    rows.push({ line: firstLine, ...row(fields, blank, columns, options) } as ReadRow);
  }
  return rows;
}

function countBlanks(characters: string[], from: number, delimiter: string): number {
  let count = 0;
  while ([' ', '\t'].includes(characters[from + count]!) && characters[from + count] !== delimiter) count++;
  return count;
}

interface Refusal {
  code: number;
  column: string | undefined;
}

function row(
  fields: Field[],
  blank: boolean,
  columns: TargetColumn[],
  options: ReadonlySet<string>,
): { values: (string | null)[] } | Refusal {
  if (fields.some(({ bad }) => bad)) return { code: 1216, column: undefined };
  if (fields.length > columns.length) return { code: 1202, column: undefined };
  if (fields.length < columns.length && !options.has('FILLRECORD')) {
    return blank ? { code: 1211, column: undefined } : { code: 1203, column: columns[fields.length]!.name };
  }
  const values: (string | null)[] = [];
  for (const [index, column] of columns.entries()) {
    const given = fields[index]?.text;
    if (given === undefined) {
      values.push(column.kind === 'varchar' && !options.has('EMPTYASNULL') ? '' : null);
      continue;
    }
    const value = read(given, column, options);
    if (typeof value === 'number') return { code: value, column: column.name };
    values.push(value);
  }
  return { values };
}

/** A value, NULL, or the code of the error. */
function read(text: string, column: TargetColumn, options: ReadonlySet<string>): string | null | number {
  const nullText = options.has("NULL AS '@@'") ? '@@' : options.has("NULL AS ''") ? '' : '\\N';
  const isText = column.kind === 'varchar' || column.kind === 'char';
  if (text === nullText) return null;
  if (text === '' && (!isText || options.has('EMPTYASNULL'))) return null;
  if (text !== '' && /^[ \t\n\v\f\r]*$/.test(text) && (!isText || options.has('BLANKSASNULL'))) return null;
  if (isText) return readText(text, column, options);
  if (column.kind === 'bigint') {
    if (!/^\s*[+-]?[0-9]+\s*$/.test(text)) return 1207;
    const value = BigInt(text.trim().replace('+', ''));
    return BigInt.asIntN(64, value) === value ? text.trim() : 1204;
  }
  if (column.kind === 'numeric') return readDecimal(text, column, options.has('ROUNDEC'));
  if (column.kind === 'boolean') {
    if (/^(t|true|y|yes|1)$/i.test(text)) return 't';
    return /^(f|false|n|no|0)$/i.test(text) ? 'f' : 1210;
  }
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/.test(text)) return 1206;
  const moment = new Date(`${text.slice(0, 19).replace(' ', 'T')}Z`);
  const isReal = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text.slice(0, 10));
  return isReal ? text : 1206;
}

function readText(given: string, column: TargetColumn, options: ReadonlySet<string>): string | number {
  let text = given;
  if (column.kind === 'char' && /[\x80-\xff]/.test(text)) return 1220;
  if (column.kind === 'varchar' && options.has("ACCEPTINVCHARS '^'")) text = replaceInvalid(text);
  if (column.kind === 'varchar' && options.has('TRIMBLANKS')) text = text.replace(/ +$/, '');
  if (text.length > column.maxBytes) {
    const beyond = text.slice(column.maxBytes);
    if (!options.has('TRUNCATECOLUMNS') && /[^ ]/.test(beyond)) return 1204;
    const whole: string[] = [];
    for (const character of charactersOf(text)) {
      if (whole.join('').length + character.length > column.maxBytes) break;
      whole.push(character);
    }
    text = whole.join('');
  }
  return text.includes('\0') || charactersOf(text).some((character) => !isCharacter(character)) ? 1220 : text;
}

/** Bytes put together the way UTF-8 starts a character at every byte that continues none. */
function charactersOf(text: string): string[] {
  const found: string[] = [];
  for (const byte of text) {
    if (found.length > 0 && byte >= '\x80' && byte <= '\xbf') found[found.length - 1] += byte;
    else found.push(byte);
  }
  return found;
}

function isCharacter(bytes: string): boolean {
  const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
  return Array.from(decoded).length === 1 && Buffer.from(decoded, 'utf8').toString('latin1') === bytes;
}

function replaceInvalid(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; ) {
    const length = [1, 2, 3, 4].find((size) => isCharacter(text.slice(at, at + size)) && text[at] !== '\0');
    out += length === undefined ? '^' : text.slice(at, at + length);
    at += length ?? 1;
  }
  return out;
}

function readDecimal(text: string, column: TargetColumn, round: boolean): string | number {
  const match = /^\s*([+-]?)([0-9]*)(\.[0-9]*)?\s*$/.exec(text);
  if (match === null || !/[0-9]/.test(text)) return 1207;
  const fraction = (match[3] ?? '.').slice(1);
  const more = fraction.length - column.scale;
  let scaled = BigInt(`0${match[2]}${fraction}`) * (more < 0 ? 10n ** BigInt(-more) : 1n);
  if (more > 0) {
    const unit = 10n ** BigInt(more);
    const rest = scaled % unit;
    scaled = scaled / unit + (round && 2n * rest >= unit ? 1n : 0n);
  }
  if (scaled >= 10n ** BigInt(column.precision)) return 1204;
  // Keeps the sign, and the digits of the fraction as they were.
  const kept = Math.min(fraction.length, column.scale);
  const digits = String(scaled / 10n ** BigInt(column.scale - kept)).padStart(kept + 1, '0');
  const whole = digits.slice(0, digits.length - kept);
  return `${match[1]}${whole}${kept === 0 ? '' : `.${digits.slice(-kept)}`}`;
}
