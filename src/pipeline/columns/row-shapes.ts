import type { Layout } from './layout.ts';

/**
 * Rows of the same shape together: in a single-table design, each entity fills a few of the root table's columns, so
 * most cells of a row are NULL. A table's rows are therefore written in several layouts, each with the columns of a
 * common shape; any other row is written in the layout with all columns. Each layout is a COPY, so they are few.
 */

/** The most layouts of a table for common shapes. With the layout of all columns, a table has eight in a run's plan. */
export const MAX_SHAPES = 7;
/** A table with fewer columns has none: there is little to gain. */
const MIN_COLUMNS = 12;
/** A shape is common if at least 1 in this many rows has it. */
const ROWS_PER_SHAPE = 50;
/** A shape with nearly all columns saves nothing. */
const MAX_SHARE_OF_COLUMNS = 0.75;
/** So many different shapes are compared, the commonest ones. */
const MAX_COMPARED = 64;

interface Shape {
  readonly columns: ReadonlySet<number>;
  readonly rows: number;
}

/** Counts which columns the rows of a table fill. */
export class RowShapes {
  readonly #shapes = new Map<string, { readonly columns: ReadonlySet<number>; rows: number }>();
  #rows = 0;

  /** @param columns the indexes of the columns that are not NULL, in ascending order */
  add(columns: readonly number[]): void {
    this.#rows++;
    const signature = columns.join(',');
    const known = this.#shapes.get(signature);
    if (known !== undefined) known.rows++;
    else this.#shapes.set(signature, { columns: new Set(columns), rows: 1 });
  }

  /** Layouts for the common shapes of these rows, the narrowest first. */
  layouts({ table, columns }: Layout): Layout[] {
    if (columns.length < MIN_COLUMNS) return [];
    const isCommon = ({ rows }: Shape) => rows * ROWS_PER_SHAPE >= this.#rows;
    const isNarrow = (shape: Shape) => shape.columns.size <= columns.length * MAX_SHARE_OF_COLUMNS;
    const byRows = [...this.#shapes.values()].sort((a, b) => b.rows - a.rows).slice(0, MAX_COMPARED);
    return fewer(byRows)
      .filter((shape) => isCommon(shape) && isNarrow(shape))
      .sort((a, b) => a.columns.size - b.columns.size)
      .map((shape) => ({ table, columns: columns.filter((_, index) => shape.columns.has(index)) }));
  }
}

/** Unites the two shapes that cost the fewest NULLs, again and again, until there are few enough. */
function fewer(shapes: readonly Shape[]): Shape[] {
  const left = [...shapes];
  while (left.length > MAX_SHAPES) {
    let best = { nulls: Number.POSITIVE_INFINITY, i: 0, j: 1, united: left[0] as Shape };
    for (const [i, a] of left.entries()) {
      for (const [j, b] of left.entries()) {
        if (j <= i) continue;
        const columns = a.columns.union(b.columns);
        const nulls = a.rows * (columns.size - a.columns.size) + b.rows * (columns.size - b.columns.size);
        if (nulls < best.nulls) best = { nulls, i, j, united: { columns, rows: a.rows + b.rows } };
      }
    }
    left[best.i] = best.united;
    left.splice(best.j, 1);
  }
  return left;
}
