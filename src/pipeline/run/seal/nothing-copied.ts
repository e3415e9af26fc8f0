import { attributePath, isRoot, type Path, rootOf } from '../../item/path.ts';
import type { Mapping } from '../../mapping/mapping.ts';
import { neededAttributes } from '../../mapping/selection.ts';
import { counted } from '../../text/measures.ts';
import type { Manifest } from '../manifest.ts';

/** Whether a mapping leaves nothing of a table that has items. An empty table is something else: it is copied as it is. */

type Choosing = Pick<Mapping, 'include' | 'where' | 'entities'>;

interface Counts {
  readonly items: number;
  readonly filtered: number;
  readonly rejects: number;
  /** Whether an item that was copied has a value at one of the paths of `include`. */
  readonly hasIncluded: boolean;
}

/** Which setting leaves nothing, as a sentence without its end; undefined if something is left. */
export function nothingLeft(counts: Counts): string | undefined {
  const { items, filtered, rejects, hasIncluded } = counts;
  if (filtered > 0 && filtered + rejects >= items) {
    return rejects === 0
      ? `mapping.where leaves out every item of ${items}`
      : `mapping.where leaves out ${counted(filtered, 'item')} of ${items}, and the others are set aside`;
  }
  if (hasIncluded || items - filtered - rejects <= 0) return undefined;
  return `none of ${counted(items - filtered, 'item')} has a value at a path of mapping.include`;
}

/** Why a sealed run would replace live with tables without data; undefined if it would not. */
export function nothingCopied(
  { items, filtered = 0, rejects, key, tables }: Manifest,
  mapping: Choosing,
): string | undefined {
  const needed = new Set(neededAttributes(mapping));
  const isNeeded = (path: Path) => [...needed].some((name) => attributePath(rootOf(path), name) === path);
  const hasValues = tables.some(({ columns }) =>
    columns.some(({ role, path, values }) => role === 'value' && values > 0 && !isNeeded(path)),
  );
  const hasIncluded = hasValues || !mayLeaveNothing(mapping, key);
  return nothingLeft({ items, filtered, rejects, hasIncluded });
}

/** Whether `include` has only paths that some items may lack: not the whole item, nor what is always read. */
export function mayLeaveNothing(
  { include, entities }: Choosing,
  key: readonly { readonly name: string }[],
): boolean {
  if (include === undefined) return false;
  const read = [...key.map(({ name }) => name), ...neededAttributes({ entities })];
  return !include.some(
    (path) => isRoot(path) || read.some((name) => attributePath(rootOf(path), name) === path),
  );
}
