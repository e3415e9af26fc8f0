/** What two generations of a partition differ in, by the exact text of values; null: NULL. */

export type TextRow = readonly (string | null)[];

export interface ChangedRow {
  readonly before: TextRow;
  readonly after: TextRow;
}

export interface RowsDiff {
  readonly columns: readonly string[];
  readonly added: readonly TextRow[];
  readonly removed: readonly TextRow[];
  /** With a key: rows that have the same key, once before and once after. */
  readonly changed: readonly ChangedRow[];
}

/** Rows that only one of two sides has, and how often more than the other. The order is that of the sides. */
export class RowCounts {
  readonly #counts = new Map<string, number>();

  /** @param by 1 after, -1 before */
  add(row: TextRow, by: 1 | -1): void {
    const text = JSON.stringify(row);
    const count = (this.#counts.get(text) ?? 0) + by;
    if (count === 0) this.#counts.delete(text);
    else this.#counts.set(text, count);
  }

  get size(): number {
    return this.#counts.size;
  }

  differing(): { added: TextRow[]; removed: TextRow[] } {
    const found: { added: TextRow[]; removed: TextRow[] } = { added: [], removed: [] };
    for (const [text, count] of this.#counts)
      for (let i = 0; i < Math.abs(count); i++)
        found[count > 0 ? 'added' : 'removed'].push(JSON.parse(text) as TextRow);
    return found;
  }
}

/** Finds rows that changed: those whose key is in exactly one added and one removed row. */
export function pairByKey(
  columns: readonly string[],
  key: readonly string[],
  { added, removed }: Pick<RowsDiff, 'added' | 'removed'>,
): RowsDiff {
  if (key.length === 0) return { columns, added, removed, changed: [] };
  const positions = key.map((name) => columns.indexOf(name));
  const keyOf = (row: TextRow) => JSON.stringify(positions.map((position) => row[position] ?? null));
  const once = (rows: readonly TextRow[]) => {
    const found = new Map<string, TextRow | undefined>();
    for (const row of rows) found.set(keyOf(row), found.has(keyOf(row)) ? undefined : row);
    return found;
  };
  const [before, after] = [once(removed), once(added)];
  const changed = new Map<string, ChangedRow>();
  for (const [id, row] of before) {
    const other = after.get(id);
    if (row !== undefined && other !== undefined) changed.set(id, { before: row, after: other });
  }
  const isLeft = (row: TextRow) => !changed.has(keyOf(row));
  return {
    columns,
    added: added.filter(isLeft),
    removed: removed.filter(isLeft),
    changed: [...changed.values()],
  };
}
