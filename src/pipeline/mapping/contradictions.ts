import { compareNumbers, numberText } from '../item/number.ts';
import { type FilterCondition, type Found, isDecimal, RowFilter } from './row-filter.ts';

/** Conditions of `where` that no item can meet together, so that nothing would be copied. */

export interface Contradiction {
  /** The index of the condition that contradicts itself or earlier ones. */
  readonly at: number;
  /** What is expected there instead. */
  readonly message: string;
}

/** One contradiction per attribute: the first. */
export function contradictions(where: readonly FilterCondition[]): Contradiction[] {
  const byAttribute = Map.groupBy(where.entries(), ([, { attribute }]) => attribute);
  return [...byAttribute].flatMap(([attribute, entries]) => {
    const first = entries.findIndex((_, n) => !canBeMet(entries.slice(0, n + 1).map(([, each]) => each)));
    if (first < 0) return [];
    const together = entries.slice(0, first + 1);
    const several = together.filter(([, { equals }]) => equals !== undefined).length > 1;
    const message =
      `conditions that an item can meet: no value of ${attribute} meets ` +
      `${together.map(([, condition]) => conditionText(condition)).join(' and ')}` +
      `${several ? '. For alternatives, write one equals with a list' : ''}`;
    return [{ at: entries[first]?.[0] as number, message }];
  });
}

/** Whether some value of an attribute, or its absence, meets all of these conditions for it. */
function canBeMet(conditions: readonly FilterCondition[]): boolean {
  const filter = new RowFilter(conditions);
  if (filter.keeps(() => 'absent')) return true;
  if (conditions.some(({ exists }) => exists === false)) return false;
  const equals = conditions.flatMap((each) => each.equals ?? []);
  if (equals.length > 0)
    return equals.some((text) => formsOf(text).some((found) => filter.keeps(() => found)));
  return couldBeText(conditions) || couldBeNumber(conditions) || filter.keeps(() => 'other');
}

/** The values whose column would hold this text. */
function formsOf(text: string): Found[] {
  return [
    { kind: 'S', text },
    ...(isDecimal(text) && numberText(text).text === text ? [{ kind: 'N' as const, text }] : []),
    ...(text === 'true' || text === 'false' ? [{ kind: 'BOOL' as const, text }] : []),
  ];
}

/** Whether text can have the prefixes and be within the bounds. Values of `notEquals` always leave others. */
function couldBeText(conditions: readonly FilterCondition[]): boolean {
  const prefixes = conditions.flatMap(({ beginsWith }) => beginsWith ?? []);
  const prefix = prefixes.reduce((a, b) => (b.length > a.length ? b : a), '');
  if (!prefixes.every((each) => prefix.startsWith(each))) return false;
  // Texts with a prefix are neighbours, and the prefix itself is the least of them.
  const least = conditions
    .flatMap(({ atLeast }) => atLeast ?? [])
    .reduce((a, b) => (compare(b, a) > 0 ? b : a), prefix);
  return (
    least.startsWith(prefix) &&
    conditions.every(({ below }) => below === undefined || compare(least, below) < 0)
  );
}

function couldBeNumber(conditions: readonly FilterCondition[]): boolean {
  if (conditions.some(({ beginsWith }) => beginsWith !== undefined)) return false;
  const least = conditions.flatMap(({ atLeast }) => atLeast ?? []);
  const ends = conditions.flatMap(({ below }) => below ?? []);
  return (
    [...least, ...ends].every(isDecimal) &&
    least.every((from) => ends.every((end) => compareNumbers(numberText(from).text, end) < 0))
  );
}

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));

/** `atLeast "5" and below "3"` */
const conditionText = (condition: FilterCondition): string =>
  Object.entries(condition)
    .filter(([test]) => test !== 'attribute')
    .map(
      ([test, value]) =>
        `${test} ${Array.isArray(value) ? `[${value.map(quoted).join(', ')}]` : quoted(value)}`,
    )
    .join(' and ');

const quoted = (value: unknown) => JSON.stringify(value);
