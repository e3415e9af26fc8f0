import type { Path } from '../item/path.ts';
import { type ColumnMapping, type Mapping, NO_MAPPING } from './mapping.ts';

/** What is done with the values at a path instead of the usual, as bits; none is the usual. */
export const Treat = {
  /** Left out, with everything below. */
  IGNORE: 1,
  /** Kept whole, whatever it is. */
  WHOLE: 2,
  /** Maps, lists and sets are kept whole: they lie too deep. */
  DEEP: 4,
  /** A map's entries are rows. */
  ROWS: 8,
  /** A column for each kind. */
  SPLIT: 16,
} as const;

/** How the values at each path are treated: the mapping's word on single paths, and its depth. */
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

  /** @param depth of the path: see `depthOf` */
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
