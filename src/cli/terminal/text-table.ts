import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Cells on the terminal; colours take none. */
export const textWidth = (text: string): number => Array.from(stripVTControlCharacters(text)).length;

/** Cuts text to `width` cells, its last one an ellipsis where something is gone. Text must have no colours. */
export function clipped(text: string, width: number): string {
  const letters = Array.from(text.replace(/\s+/g, ' ').trim());
  return letters.length <= width ? letters.join('') : `${letters.slice(0, Math.max(width - 1, 0)).join('')}…`;
}

/** Breaks text at spaces into lines of at most `width` cells; a longer word stands alone. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/\s+/).filter((each) => each !== '')) {
      if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return line === '' ? lines : [...lines, line];
  });
}

/** Aligned columns, `gap` apart, with a line of titles on top unless all titles are empty. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  title = (text: string) => text,
  gap = '  ',
): string[] {
  const widths = columns.map((column, i) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[i] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? '';
        const space = ' '.repeat(widths[i]! - textWidth(cell));
        return align === 'right' ? space + cell : cell + space;
      })
      .join(gap)
      .trimEnd();
  const titles = columns.map((column) => column.title);
  return [...(titles.every((text) => text === '') ? [] : [title(line(titles))]), ...rows.map(line)];
}
