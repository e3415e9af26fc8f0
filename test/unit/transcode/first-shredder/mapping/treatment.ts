import type { Path } from '../item/path.ts';
import { type ColumnMapping, type Mapping, NO_MAPPING } from './mapping.ts';

/** How to treat the values at a path, as bits. No bit: the usual way. */
export const Treat = {
  /** Omit the value and everything below it. */
  IGNORE: 1,
  /** Keep the value whole, whatever its kind. */
  WHOLE: 2,
  /** Keep maps, lists and sets whole, because they are too deep. */
  DEEP: 4,
  /** Make a row of each entry of a map. */
  ROWS: 8,
  /** Use one column per kind. */
  SPLIT: 16,
} as const;

/** How to treat the values at each path, from the mapping's settings for single paths and its depth. */
export class Treatments {
  readonly #byPath: ReadonlyMap<Path, number>;
  readonly #maxDepth: number;

  constructor(mapping: Pick<Mapping, 'columns' | 'maxDepth'> = NO_MAPPING) {
    this.#maxDepth = mapping.maxDepth;
    this.#byPath = new Map(
      Object.entries(mapping.columns)
        .map(([path, column]) => [path, bitsOf(column)] as const)
        .filter(([, bits]) => bits !== 0),
    );
  }

  /** The bits of `Treat` for a path. @param depth the depth of the path: see `depthOf` */
  of(path: Path, depth: number): number {
    const deep = depth >= this.#maxDepth ? Treat.DEEP : 0;
    return this.#byPath.size === 0 ? deep : (this.#byPath.get(path) ?? 0) | deep;
  }
}

const bitsOf = ({ ignore, asSuper, asRows, split }: ColumnMapping) =>
  (ignore ? Treat.IGNORE : 0) |
  (asSuper ? Treat.WHOLE : 0) |
  (asRows ? Treat.ROWS : 0) |
  (split ? Treat.SPLIT : 0);
