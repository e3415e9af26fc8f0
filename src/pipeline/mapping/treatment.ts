import type { EpochUnit } from '../item/epoch.ts';
import { isRoot, type Path } from '../item/path.ts';
import { type HiddenAt, HiddenNames } from './hide/hidden-names.ts';
import { FOR_LOOKS, type HideRule, type Hiding } from './hide/hiding.ts';
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
  /** Hide the scalars here; those below as well, if there are `ScalarRules.hidden`. In what is parsed they are hidden already. */
  HIDE: 512,
} as const;

/** How the scalars at a path are written. */
export interface ScalarRules {
  /** What numbers count, if they are times. */
  readonly epoch: EpochUnit | undefined;
  /** Empty strings are NULL. */
  readonly emptyIsNull: boolean;
  /** What hides them. */
  readonly hidden: HideRule | undefined;
}

export const AS_IT_IS: ScalarRules = { epoch: undefined, emptyIsNull: false, hidden: undefined };
const EMPTY_IS_NULL: ScalarRules = { ...AS_IT_IS, emptyIsNull: true };

/** How to treat the values at each path, from the mapping's settings for single paths, its depth and its selection. */
export class Treatments {
  readonly #byPath: ReadonlyMap<Path, number>;
  readonly #maxDepth: number;
  readonly #included: Included;
  readonly #rules: ReadonlyMap<Path, ScalarRules>;
  readonly #otherRules: ScalarRules;
  readonly #hidden: HiddenNames;

  constructor(mapping: ItemMapping = NO_MAPPING, hiding: Hiding = FOR_LOOKS) {
    this.#hidden = new HiddenNames(mapping, hiding);
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
          : [[path, { ...AS_IT_IS, epoch: column.epoch, emptyIsNull: column.emptyAsNull ?? emptyAsNull }]],
      ),
    );
  }

  /** The bits of `Treat` for a path. @param depth the depth of the path: see `depthOf` */
  of(path: Path, depth: number): number {
    if (isRoot(path)) return this.#selected(path);
    const deep = depth >= this.#maxDepth ? Treat.DEEP : 0;
    const hide = this.#hidden.at(path) === undefined ? 0 : Treat.HIDE;
    return (this.#byPath.get(path) ?? 0) | deep | hide | this.#selected(path);
  }

  /** How the scalars at a path are written. */
  rulesAt(path: Path): ScalarRules {
    const hidden = this.#hidden.at(path)?.rule;
    if (hidden !== undefined) return { ...AS_IT_IS, emptyIsNull: hidden.emptyIsNull, hidden };
    return this.#rules.get(path) ?? this.#otherRules;
  }

  /** What is hidden at a path; undefined if nothing is, at or below it. */
  hiddenAt(path: Path): HiddenAt | undefined {
    return this.#hidden.at(path);
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
