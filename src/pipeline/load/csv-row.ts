/**
 * The fields of the row of a part file that a line number of COPY's means: the row that begins on that line, or, where
 * none does, the one the line is inside of. A text may hold line feeds, and how Redshift counts those is not
 * documented; without them it is the line itself.
 * @param line from 1
 * @returns undefined where the file has no such line. NULL's sentinel comes as it stands.
 */
export function readCsvRow(text: string, line: number): string[] | undefined {
  let at = 0;
  let current = 1;
  while (at < text.length) {
    const row = rowAt(text, at);
    if (line < current + row.lines) return row.fields;
    at = row.next;
    current += row.lines;
  }
  return undefined;
}

interface Row {
  readonly fields: string[];
  /** Where the next row begins. */
  readonly next: number;
  /** How many lines it stands on. */
  readonly lines: number;
}

function rowAt(text: string, start: number): Row {
  const fields: string[] = [];
  let lines = 1;
  let at = start;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      at++;
      for (; at < text.length; at++) {
        if (text[at] === '"') {
          if (text[at + 1] !== '"') break;
          at++;
        } else if (text[at] === '\n') lines++;
        field += text[at];
      }
      at++;
    }
    // What stands without quotes, or, in a damaged file, behind them.
    for (; at < text.length && text[at] !== ',' && text[at] !== '\n'; at++) field += text[at];
    fields.push(field);
    if (text[at] !== ',') return { fields, next: at + 1, lines };
    at++;
  }
}
