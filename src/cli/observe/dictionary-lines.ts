import {
  asRowsSetting,
  dictionaryHint,
  type LikelyDictionary,
  namesSetting,
} from '../../pipeline/mapping/suggest/likely-dictionaries.ts';
import type { Palette } from '../terminal/palette.ts';
import { wrapped } from '../terminal/text-table.ts';

/**
 * What looks like dictionaries, and the setting to paste, which stays on one line. Empty if nothing does.
 * @param shown why a run failed, or a schema was not agreed: if it names the setting, nothing is repeated
 */
export function dictionaryLines(
  dictionaries: readonly LikelyDictionary[] | undefined,
  colours: Palette,
  columns: number,
  shown?: string,
): string[] {
  const hint = dictionaryHint(dictionaries ?? []);
  if (dictionaries === undefined || hint === undefined || namesSetting(shown, dictionaries)) return [];
  return [
    ...wrapped(hint, columns - 3).map((line) => `  ${colours.yellow(line)}`),
    `    ${colours.cyan(asRowsSetting(dictionaries))}`,
  ];
}
