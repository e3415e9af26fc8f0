import { daysOf, later, monthOf, type Range, type Unit } from './calendar.ts';

/** Which partitions of an input a partition reads. */
export type Rule =
  | { readonly kind: 'same-day' | 'previous-day' | 'days-of-month' | 'same-month' | 'year-to-date' | 'all' }
  | { readonly kind: 'last-days' | 'last-months'; readonly count: number }
  | NamedRule;

/** A rule by its name. */
type RangeRule = Exclude<Rule, NamedRule>;

/** A function of a module, evaluated for the partitions that a plan is about. */
export interface NamedRule {
  readonly kind: 'function';
  /** Of the module. */
  readonly path: string;
  /** By partition, the partitions of the input. */
  readonly named: ReadonlyMap<string, readonly string[]>;
}

const NAMED = new Set(['same-day', 'previous-day', 'days-of-month', 'same-month', 'year-to-date', 'all']);
const LAST = /^last-([1-9]\d{0,4})-(days|months)$/;

export const RULES_IN_WORDS =
  'same-day, previous-day, days-of-month, last-N-days, same-month, last-N-months, year-to-date or all';

/** @returns undefined if the text is not a rule */
export function ruleOf(text: string): RangeRule | undefined {
  if (NAMED.has(text)) return { kind: text } as RangeRule;
  const [, count, unit] = LAST.exec(text) ?? [];
  if (count === undefined) return undefined;
  return { kind: unit === 'days' ? 'last-days' : 'last-months', count: Number(count) };
}

/** As the configuration has it. */
export const textOfRule = (rule: Rule): string =>
  rule.kind === 'function'
    ? rule.path
    : rule.kind === 'last-days' || rule.kind === 'last-months'
      ? `last-${rule.count}-${rule.kind === 'last-days' ? 'days' : 'months'}`
      : rule.kind;

/** Why a rule does not fit a dataset and its input; undefined if it does. */
export function misfitOfRule(
  rule: Rule,
  own: Unit | undefined,
  input: Unit | 'hour' | undefined,
): string | undefined {
  if (rule.kind === 'all') return undefined;
  if (own === undefined) return 'all, because the dataset has no partitions by time';
  if (input === undefined) return 'all, because the input has no partitions by time';
  if (rule.kind === 'year-to-date' || rule.kind === 'function') return undefined;
  const reads = rule.kind === 'same-month' || rule.kind === 'last-months' ? 'month' : 'day';
  // The hours of a day are read with it.
  if (reads !== (input === 'hour' ? 'day' : input)) return `a rule for an input by ${input}`;
  const needs = { 'same-day': 'day', 'previous-day': 'day', 'days-of-month': 'month' }[
    rule.kind as 'same-day'
  ];
  return needs === undefined || needs === own ? undefined : `a rule for a dataset by ${own}`;
}

/**
 * The partitions of the input that a partition reads by a rule that names a range, whether they exist or not; undefined for all.
 * @param value of the partition
 * @param input the unit of the input's partitions; the rule fits it
 */
export function partitionsRead(
  rule: Exclude<Rule, NamedRule>,
  value: string,
  input: Unit,
): Range | undefined {
  if (rule.kind === 'all') return undefined;
  const last = input === 'day' ? daysOf(value).last : monthOf(value);
  const since = (first: string): Range => ({ first, last });
  switch (rule.kind) {
    case 'same-day':
    case 'same-month':
      return since(last);
    case 'previous-day': {
      const day = later('day', value, -1);
      return { first: day, last: day };
    }
    case 'days-of-month':
      return daysOf(value);
    case 'last-days':
    case 'last-months':
      return since(later(input, last, 1 - rule.count));
    case 'year-to-date':
      return since(input === 'day' ? `${value.slice(0, 4)}-01-01` : `${value.slice(0, 4)}-01`);
  }
}

/** Which of its own partitions a dataset is to have because its input has this range; undefined if the rule says nothing. */
export function expectedFrom(rule: Rule, { first, last }: Range, own: Unit): Range | undefined {
  if (rule.kind === 'all' || rule.kind === 'function') return undefined;
  if (own === 'month') return { first: monthOf(first), last: monthOf(last) };
  return first.length > 7 ? { first, last } : undefined;
}
