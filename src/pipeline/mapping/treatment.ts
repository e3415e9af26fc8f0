import type { EpochUnit } from '../item/epoch.ts';
import { isRoot, type Path } from '../item/path.ts';
import { type ColumnMapping, type ItemMapping, NO_MAPPING } from './mapping.ts';
import { Included, leftOut } from './selection.ts';

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
  /** Only some of what is below is included, so the value itself is omitted unless it is of a kind that has this below it. */
  PART: 32,
  /** What is included below are attributes of a map, members of a list or set, or entries of a map with `ROWS`. */
  PART_NAMES: 64,
  PART_MEMBERS: 128,
  PART_ENTRIES: 256,
} as const;

/** How the scalars at a path are written. */
export interface ScalarRules {
  /** What numbers count, if they are times. */
  readonly epoch: EpochUnit | undefined;
  /** Empty strings are NULL. */
  readonly emptyIsNull: boolean;
}

export const AS_IT_IS: ScalarRules = { epoch: undefined, emptyIsNull: false };
const EMPTY_IS_NULL: ScalarRules = { epoch: undefined, emptyIsNull: true };

/** How to treat the values at each path, from the mapping's settings for single paths, its depth and its selection. */
export class Treatments {
  readonly #byPath: ReadonlyMap<Path, number>;
  readonly #maxDepth: number;
  readonly #included: Included;
  readonly #rules: ReadonlyMap<Path, ScalarRules>;
  readonly #otherRules: ScalarRules;

  constructor(mapping: ItemMapping = NO_MAPPING) {
    this.#maxDepth = mapping.maxDepth;
    const byPath = new Map(
      Object.entries(mapping.columns)
        .map(([path, column]) => [path, bitsOf(column)] as const)
        .filter(([, bits]) => bits !== 0),
    );
    for (const path of leftOut(mapping)) byPath.set(path, (byPath.get(path) ?? 0) | Treat.IGNORE);
    this.#byPath = byPath;
    this.#included = new Included(mapping);
    const emptyAsNull = mapping.emptyAsNull === true;
    this.#otherRules = emptyAsNull ? EMPTY_IS_NULL : AS_IT_IS;
    this.#rules = new Map(
      Object.entries(mapping.columns).flatMap(([path, column]): [Path, ScalarRules][] =>
        column.epoch === undefined && column.emptyAsNull === undefined
          ? []
          : [[path, { epoch: column.epoch, emptyIsNull: column.emptyAsNull ?? emptyAsNull }]],
      ),
    );
  }

  /** The bits of `Treat` for a path. @param depth the depth of the path: see `depthOf` */
  of(path: Path, depth: number): number {
    if (isRoot(path)) return this.#selected(path);
    const deep = depth >= this.#maxDepth ? Treat.DEEP : 0;
    return (this.#byPath.get(path) ?? 0) | deep | this.#selected(path);
  }

  /** How the scalars at a path are written. */
  rulesAt(path: Path): ScalarRules {
    return this.#rules.get(path) ?? this.#otherRules;
  }

  #selected(path: Path): number {
    if (this.#included.paths === undefined) return 0;
    switch (this.#included.of(path)) {
      case 'all':
        return 0;
      case 'some':
        return Treat.PART | this.#partsOf(path);
      case 'none':
        // The key is always included.
        return isRoot(path) ? Treat.PART | Treat.PART_NAMES : Treat.IGNORE;
    }
  }

  #partsOf(path: Path): number {
    const { names, members, entries } = this.#included.nextSteps(path);
    return (
      (names ? Treat.PART_NAMES : 0) | (members ? Treat.PART_MEMBERS : 0) | (entries ? Treat.PART_ENTRIES : 0)
    );
  }
}

const bitsOf = ({ asSuper, asRows, split }: ColumnMapping) =>
  (asSuper ? Treat.WHOLE : 0) | (asRows ? Treat.ROWS : 0) | (split ? Treat.SPLIT : 0);
