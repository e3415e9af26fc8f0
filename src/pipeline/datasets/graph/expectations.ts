import { later, type Range, type Unit, valueAt } from './calendar.ts';
import type { DatedVersions } from './dated-tables.ts';
import { type Expectation, expectedRange, type Now, window } from './expected.ts';
import type { BuiltFrom } from './input-versions.ts';
import { expectedFrom, type Rule } from './partition-rules.ts';

/** A dataset as the plan sees it. */
export interface GraphDataset {
  readonly name: string;
  readonly kind: 'source' | 'derived' | 'fetched';
  /** What one partition is; absent if it is not a day or a month. */
  readonly unit?: Unit | undefined;
  /** One partition is an hour, `2026-11-01-13`. */
  readonly isHourly?: boolean;
  /** It has no partitions: its only one is `WHOLE`. */
  readonly isWhole?: boolean;
  readonly timezone: string;
  readonly expect?: Expectation | undefined;
  /** A partition is built once its day or month has ended. */
  readonly isClosedOnly?: boolean;
  readonly inputs: readonly GraphInput[];
  /** Tables of a warehouse that each of its partitions is built from, as they are now. */
  readonly tables?: readonly BuiltFrom[];
  /** Tables of a warehouse whose rows have a version for each day. */
  readonly datedTables?: readonly DatedVersions[];
  /** Of a derived dataset: the version of its step. */
  readonly code?: string;
  /** Of a fetched dataset: how many of the latest expected partitions every run fetches again. */
  readonly recompute?: number;
  /** Why its step cannot run. */
  readonly problem?: string;
  /** More partitions than this that are stale by code wait for an approval. */
  readonly maxRebuild?: number;
  /** The version of the step that an operator approved. */
  readonly approved?: string | undefined;
  /** The column whose values have text files of their own, and how many of these a partition may have. */
  readonly textsPer?: { readonly column: string; readonly maxFiles: number };
}

export interface GraphInput {
  readonly dataset: string;
  readonly rule: Rule;
  /** It is recorded, but a change in it makes no partition stale. */
  readonly isReference: boolean;
}

/** Of one dataset. */
export interface Expected {
  /** All partitions that it is to have; absent if that is not known. */
  readonly whole?: Range | undefined;
  /** Those that are built if they are missing. */
  readonly window?: Range | undefined;
}

/**
 * Which partitions datasets are to have: those of their own `expect`; else, of a derived dataset, those that follow from its inputs.
 * @param datasets each after all that it reads
 */
export function expectations(datasets: readonly GraphDataset[], ms: number): Map<string, Expected> {
  const found = new Map<string, Expected>();
  for (const dataset of datasets) found.set(dataset.name, expectedOf(dataset, found, ms));
  return found;
}

function expectedOf(dataset: GraphDataset, others: ReadonlyMap<string, Expected>, ms: number): Expected {
  const { unit, timezone, isClosedOnly = false } = dataset;
  const { whole, window: inWindow } = openOrClosed(dataset, others, ms);
  if (unit === undefined || !isClosedOnly) return { whole, window: inWindow };
  const last = later(unit, valueAt(unit, ms, timezone), -1);
  const closed = (range: Range | undefined) =>
    range === undefined || range.last <= last ? range : { first: range.first, last };
  return { whole: closed(whole), window: closed(inWindow) };
}

function openOrClosed(
  { unit, expect, timezone, inputs }: GraphDataset,
  others: ReadonlyMap<string, Expected>,
  ms: number,
): Expected {
  if (unit === undefined) return {};
  const now: Now = { ms, timezone };
  if (expect !== undefined) {
    const whole = expectedRange(unit, expect, now);
    const inWindow = window(unit, expect, now);
    return { whole, window: inWindow };
  }
  const ranges = inputs
    .filter(({ isReference }) => !isReference)
    .flatMap(({ dataset, rule }) => {
      const range = others.get(dataset)?.whole;
      const own = range === undefined ? undefined : expectedFrom(rule, range, unit);
      return own === undefined ? [] : [own];
    });
  const whole = hullOf(ranges);
  return { whole, window: whole };
}

/** The least range that has all of these. */
function hullOf(ranges: readonly Range[]): Range | undefined {
  const first = ranges.map((range) => range.first).toSorted()[0];
  const last = ranges
    .map((range) => range.last)
    .toSorted()
    .at(-1);
  return first === undefined || last === undefined ? undefined : { first, last };
}
