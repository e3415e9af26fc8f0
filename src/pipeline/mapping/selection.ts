import { attributePath, entityPath, isAtOrBelow, isRoot, type Path, ROOT } from '../item/path.ts';
import type { ItemMapping } from './mapping.ts';

/** Which paths of the items a mapping reads: those of `include` without those of `exclude` and `ignore`. */

/** Whether a path is read: all of it; only some of what is below it; or nothing. */
export type Selected = 'all' | 'some' | 'none';

/** The paths that are left out whatever is above them: `exclude`, and columns with `ignore`. */
export function leftOut({ columns, exclude = [] }: Pick<ItemMapping, 'columns' | 'exclude'>): Path[] {
  const ignored = Object.keys(columns).filter((path) => columns[path]?.ignore && !isRoot(path));
  return [...new Set([...ignored, ...exclude])];
}

/**
 * Attributes of the item that are always read, because without them an item that is kept whole could not be read again:
 * those that route items to entities. The key's are as well.
 */
export function neededAttributes({ entities }: Pick<ItemMapping, 'entities'>): string[] {
  return [...new Set(Object.values(entities).flatMap(({ attribute }) => attribute ?? []))];
}

/** What `include` selects. Without it, everything. */
export class Included {
  readonly #paths: readonly Path[] | undefined;

  constructor({ include, entities }: Pick<ItemMapping, 'include' | 'entities'>) {
    if (include === undefined) return;
    const roots = [ROOT, ...Object.keys(entities).map(entityPath)];
    const needed = neededAttributes({ entities });
    this.#paths = [...include, ...roots.flatMap((root) => needed.map((name) => attributePath(root, name)))];
  }

  /** The included paths and those of needed attributes; undefined if everything is included. */
  get paths(): readonly Path[] | undefined {
    return this.#paths;
  }

  of(path: Path): Selected {
    if (this.#paths === undefined) return 'all';
    if (this.#paths.some((included) => isAtOrBelow(path, included))) return 'all';
    return this.#paths.some((included) => isAtOrBelow(included, path)) ? 'some' : 'none';
  }

  /** How the included paths below a path begin there: with an attribute's name, a list's member or a map's entry. */
  nextSteps(path: Path): { readonly names: boolean; readonly members: boolean; readonly entries: boolean } {
    const below = (this.#paths ?? []).filter((included) => included !== path && isAtOrBelow(included, path));
    const starts = (step: string) => below.some((included) => included.startsWith(step, path.length));
    return {
      names: isRoot(path) || starts('.'),
      members: !isRoot(path) && starts('[]'),
      entries: !isRoot(path) && starts('[key]'),
    };
  }
}
