/** The name of the table of a file's first `items` items. */
export const tableName = (file: string, items: number): string => `${file}.${items}`;

/** What `tableName` made the name from. */
export function fileAndItems(table: string): { readonly file: string; readonly items: number } {
  const dot = table.lastIndexOf('.');
  return { file: table.slice(0, dot), items: Number(table.slice(dot + 1)) };
}
