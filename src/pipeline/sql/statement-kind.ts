/** What begins a statement that only reads. */
const READS = new Set(['select', 'with', 'show', 'explain', 'values', 'table', 'desc', 'describe']);

/** The first word of a statement, in lower case, after comments and parentheses. Empty if there is none. */
export function firstWord(sql: string): string {
  const bare = sql.replace(/^(?:\s+|\(|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
  return (/^[a-z_]+/i.exec(bare)?.[0] ?? '').toLowerCase();
}

/** Whether a statement only reads, by its first word. A transaction of its own makes sure of it. */
export const onlyReads = (sql: string): boolean => READS.has(firstWord(sql));

/** Without the blanks and semicolons at its end, which the Data API would take for another statement. */
export const bareStatement = (sql: string): string => sql.trim().replace(/[;\s]+$/, '');

/** Quoted texts and names, dollar quotes and comments: what may have a semicolon in it. */
const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Whether a bare statement is in fact several, which the Data API refuses. */
export const isSeveral = (sql: string): boolean => sql.replace(OPAQUE, '').includes(';');
