/**
 * What the names in FROM stand for, so that `a.b.c` can be told apart: a column of a table, or a path into a SUPER
 * value. A scope sees those around it.
 */
export class Scope {
  readonly outer: Scope | undefined;
  readonly #names = new Map<string, 'table' | 'element'>();
  /** `schema.table` of tables named without an alias. */
  readonly #qualified = new Set<string>();

  constructor(outer: Scope | undefined) {
    this.outer = outer;
  }

  /** A table, view or subquery is known as `alias`; with `schema` also by its full name. */
  addTable(alias: string, schema?: string): void {
    this.#names.set(alias, 'table');
    if (schema !== undefined) this.#qualified.add(`${schema}.${alias}`);
  }

  /** The members of an array, one a row (`FROM t, t.array AS alias`), or their index (`AT alias`). */
  addElement(alias: string): void {
    this.#names.set(alias, 'element');
  }

  kindOf(name: string): 'table' | 'element' | undefined {
    return this.#names.get(name) ?? this.outer?.kindOf(name);
  }

  /**
   * How many of a dotted name's parts are the column; those after it are a path into its value. Without any known
   * table name in front the first part is the column.
   */
  columnParts(parts: readonly string[]): number {
    if (parts.length >= 3 && this.#isQualified(`${parts[0]}.${parts[1]}`)) return 3;
    const kind = this.kindOf(parts[0]!);
    if (kind === 'table') return 2;
    return 1;
  }

  #isQualified(name: string): boolean {
    return this.#qualified.has(name) || (this.outer !== undefined && this.outer.#isQualified(name));
  }
}
