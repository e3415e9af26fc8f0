import stringWidth from 'string-width';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** A cell that is wider than this moves only the rest of its own row. Default: the widest cell decides. */
  readonly mostWidth?: number;
}

/** Columns that text takes on a terminal: two per wide letter or emoji, none per combining mark or colour code. */
export const textWidth = (text: string): number => stringWidth(text);

/** Characters as a reader counts them: marks stay with their letter, and an emoji is never split. */
const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Cuts text to at most `width` columns. Text that was cut ends in an ellipsis.
 * @param text without colour codes: a cut could lose the one that ends a colour
 */
export function clipped(text: string, width: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (textWidth(line) <= width) return line;
  let kept = '';
  let columns = 1;
  for (const { segment } of letters.segment(line)) {
    columns += textWidth(segment);
    if (columns > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Pads text with spaces to `width` columns. */
export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - textWidth(text)));

/** Breaks text at spaces into lines of at most `width` columns. A longer word gets its own line. */
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

/** Aligned columns, separated by `gap`, below a line of titles unless all titles are empty. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  title = (text: string) => text,
  gap = '  ',
): string[] {
  const widths = columns.map(({ title: heading, mostWidth = Number.POSITIVE_INFINITY }, i) =>
    rows.reduce((width, row) => {
      const cell = textWidth(row[i] ?? '');
      return cell > mostWidth ? width : Math.max(width, cell);
    }, textWidth(heading)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? '';
        const space = ' '.repeat(Math.max(0, widths[i]! - textWidth(cell)));
        return align === 'right' ? space + cell : cell + space;
      })
      .join(gap)
      .trimEnd();
  const titles = columns.map((column) => column.title);
  return [...(titles.every((text) => text === '') ? [] : [title(line(titles))]), ...rows.map(line)];
}
