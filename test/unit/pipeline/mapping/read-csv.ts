/**
 * The fields of CSV as COPY reads them where its documentation leaves a choice, in the way that hurts most: a
 * field equal to the NULL text is NULL even in quotes, and U+0000 fails the load. Written for the tests alone, so
 * that writer and reader cannot share a mistake.
 */
export function readCsv(text: string, nullText: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  if (text.includes('\0')) throw new Error('the CSV holds U+0000');
  let at = 0;
  while (at < text.length) {
    if (text[at] === '"') {
      let field = '';
      for (at++; ; at++) {
        if (at >= text.length) throw new Error('the CSV ends inside a field');
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') field += text[at++];
        else break;
      }
      at++;
      row.push(field === nullText ? null : field);
    } else {
      const field = /^[^,\n]*/.exec(text.slice(at, at + 200))?.[0] ?? '';
      if (field !== nullText) throw new Error(`a field without quotes that is not NULL: ${field}`);
      at += field.length;
      row.push(null);
    }
    if (text[at] === '\n') {
      rows.push(row);
      row = [];
    } else if (text[at] !== ',') {
      throw new Error(`neither comma nor line feed after a field at ${at}`);
    }
    at++;
  }
  if (row.length > 0) throw new Error('the CSV ends inside a row');
  return rows;
}
