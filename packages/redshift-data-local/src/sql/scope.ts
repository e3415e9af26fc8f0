/**
 * What the names in FROM mean. It decides whether `a.b.c` is a column of a table or a path into a SUPER value. A scope
 * sees its outer scopes.
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

  /** The members of an array, one per row (`FROM t, t.array AS alias`), or their index (`AT alias`). */
  addElement(alias: string): void {
    this.#names.set(alias, 'element');
  }

  kindOf(name: string): 'table' | 'element' | undefined {
    return this.#names.get(name) ?? this.outer?.kindOf(name);
  }

  /**
   * How many parts of a dotted name are the column; the later ones are a path into its value. Without a known
   * table name in front, the first part is the column.
   */
  columnParts(parts: readonly string[]): number {
    if (parts.length >= 3 && this.#isQualified(`${parts[0]}.${parts[1]}`)) return 3;
    const kind = this.kindOf(parts[0]!);
    if (kind === 'table') return 2;
    return 1;
  }

  #isQualified(name: string): boolean {
    if (this.#qualified.has(name)) return true;
    return this.outer === undefined ? false : this.outer.#isQualified(name);
  }
}
