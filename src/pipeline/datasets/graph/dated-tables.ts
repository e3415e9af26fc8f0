import { type Range, valuesOf } from './calendar.ts';
import type { BuiltFrom } from './input-versions.ts';
import { type NamedRule, partitionsRead, type Rule } from './partition-rules.ts';

/** A rule that names a range of days. */
export type DayRule = Exclude<Rule, NamedRule>;

/** A table whose rows have a version for each day, as it is now. */
export interface DatedVersions {
  /** As the step names the table. */
  readonly name: string;
  readonly rule: DayRule;
  /** By day. */
  readonly versions: ReadonlyMap<string, string>;
  /** That of a day without rows. */
  readonly empty: string;
}

/** The days that a partition reads. */
export function daysRead(rule: DayRule, value: string): Range {
  const range = partitionsRead(rule, value, 'day');
  // The configuration's schema has made sure of it.
  if (range === undefined) throw new Error(`${rule.kind} names no range of days`);
  return range;
}

/** What a partition reads of a table: each day, whether it has rows or not. */
export const readOfTable = ({ name, rule, versions, empty }: DatedVersions, value: string): BuiltFrom[] =>
  valuesOf('day', daysRead(rule, value)).map((day) => ({
    ...{ dataset: name, partition: day, version: versions.get(day) ?? empty },
  }));
