/**
 * The merge rule, in plain code and without SQL: of all rows and deletes with one key, the greatest is stored. It knows
 * nothing of batches, files or transactions.
 */

/** A value, as files write it and queries show it. Of one column's values, the one with the greater rank is greater. */
export interface Value {
  readonly text: string;
  readonly shown: string;
  readonly rank: number;
}

/** A row or a delete. A column that it lacks is NULL. */
export interface Entry {
  readonly values: Readonly<Record<string, Value | null>>;
  readonly isDelete: boolean;
}

interface Rule {
  readonly key: readonly string[];
  readonly newest: string;
}

type Shown = Record<string, string | null>;

export interface Merged {
  readonly rows: Shown[];
  /** Key and `newest` of deleted keys. */
  readonly tombstones: Shown[];
  /** How many entries of files have no key or no `newest`. */
  readonly setAside: number;
}

/**
 * @param stored the rows that the table had before, with whatever keys
 * @param read the entries of all files
 * @param columns of the table at the end
 */
export function merged(
  rule: Rule,
  columns: readonly string[],
  stored: readonly Entry[],
  read: readonly Entry[],
): Merged {
  const valueIn = ({ values }: Entry, column: string) => values[column] ?? null;
  const keyOf = (entry: Entry) =>
    JSON.stringify(rule.key.map((column) => valueIn(entry, column)?.shown ?? null));
  const hasKey = (entry: Entry) => rule.key.every((column) => valueIn(entry, column) !== null);
  const usable = read.filter((entry) => hasKey(entry) && valueIn(entry, rule.newest) !== null);
  const touched = new Set(usable.map(keyOf));

  const others = columns
    .filter((column) => column !== rule.newest && !rule.key.includes(column))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const compareValues = (a: Value | null, b: Value | null) => (a?.rank ?? -1) - (b?.rank ?? -1);
  const compare = (a: Entry, b: Entry): number => {
    const byAge = compareValues(valueIn(a, rule.newest), valueIn(b, rule.newest));
    if (byAge !== 0) return byAge;
    if (a.isDelete || b.isDelete) return Number(a.isDelete) - Number(b.isDelete);
    for (const column of others) {
      const byColumn = compareValues(valueIn(a, column), valueIn(b, column));
      if (byColumn !== 0) return byColumn;
    }
    return 0;
  };

  const greatest = new Map<string, Entry>();
  for (const entry of [...stored.filter(hasKey), ...usable]) {
    const key = keyOf(entry);
    if (!touched.has(key)) continue;
    const best = greatest.get(key);
    if (best === undefined || compare(entry, best) > 0) greatest.set(key, entry);
  }
  const untouched = stored.filter((entry) => !hasKey(entry) || !touched.has(keyOf(entry)));
  const winners = [...greatest.values()];
  const show = (entry: Entry, names: readonly string[]): Shown =>
    Object.fromEntries(names.map((name) => [name, valueIn(entry, name)?.shown ?? null]));
  return {
    rows: [...untouched, ...winners.filter(({ isDelete }) => !isDelete)].map((entry) => show(entry, columns)),
    tombstones: winners
      .filter(({ isDelete }) => isDelete)
      .map((entry) => show(entry, [...rule.key, rule.newest])),
    setAside: read.length - usable.length,
  };
}
