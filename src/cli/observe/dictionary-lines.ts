import {
  asRowsSetting,
  dictionaryHint,
  type LikelyDictionary,
} from '../../pipeline/mapping/likely-dictionaries.ts';
import type { Palette } from '../terminal/palette.ts';
import { wrapped } from '../terminal/text-table.ts';

/** What looks like dictionaries, and the setting to paste, which stays on one line. Empty if nothing does. */
export function dictionaryLines(
  dictionaries: readonly LikelyDictionary[] | undefined,
  colours: Palette,
  columns: number,
): string[] {
  const hint = dictionaryHint(dictionaries ?? []);
  if (dictionaries === undefined || hint === undefined) return [];
  return [
    ...wrapped(hint, columns - 3).map((line) => `  ${colours.yellow(line)}`),
    `    ${colours.cyan(asRowsSetting(dictionaries))}`,
  ];
}
