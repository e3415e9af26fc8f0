import { quoteLiteral } from '../sql/identifier.ts';

/**
 * Any text as an SQL expression: S3 keys and column names may contain a backslash, which Redshift may or may not take for
 * an escape inside a literal, so it is written as CHR(92).
 * @throws Error for U+0000.
 */
export function textSql(text: string): string {
  if (!text.includes('\\')) return quoteLiteral(text);
  return `(${text.split('\\').map(quoteLiteral).join(' || CHR(92) || ')})`;
}
