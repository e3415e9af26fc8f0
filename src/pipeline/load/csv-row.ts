/**
 * The fields of the part file's row that a line number from COPY refers to: the row that starts on that line or, if none
 * does, the row that contains the line. Texts may contain line feeds, and Redshift's documentation does not say how it
 * counts those.
 * @param line from 1
 * @returns undefined if the file has no such line. what means NULL is returned as written.
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
  /** The index at which the next row starts. */
  readonly next: number;
  /** The number of lines that the row spans. */
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
    // Unquoted text or, in a damaged file, text after the quotes.
    for (; at < text.length && text[at] !== ',' && text[at] !== '\n'; at++) field += text[at];
    fields.push(field);
    if (text[at] !== ',') return { fields, next: at + 1, lines };
    at++;
  }
}
