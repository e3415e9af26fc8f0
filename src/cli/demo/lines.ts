import { duration } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';

/** What the demo prints. */

export const say = (...lines: string[]) => process.stdout.write(`${lines.join('\n')}\n`);

/** A step is done. @param sinceMs when it began; it is printed how long that took */
export function done(colours: Palette, what: string, sinceMs?: number): void {
  const took = sinceMs === undefined ? '' : ` ${colours.dim(duration((Date.now() - sinceMs) / 1000))}`;
  say(`${colours.green('✓')} ${what}${took}`);
}

/** A query, and its result as a table. */
export function sayQuery(colours: Palette, sql: string, table: readonly string[]): void {
  const text = sql.split('\n').map((line) => `  ${colours.cyan(line)}`);
  say('', ...text, '', ...table.map((line) => `  ${line}`));
}
