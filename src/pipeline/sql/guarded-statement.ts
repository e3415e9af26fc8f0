/** One statement of a transaction. */
export interface GuardedStatement<Guard extends string> {
  readonly sql: string;
  /** Present if the statement is a guard, which fails with a division by zero: what it makes sure of. */
  readonly guard?: Guard | undefined;
}

/**
 * Which guard failed.
 * @param failed the number of the statement that failed, from 1
 */
export const guardOf = <Guard extends string>(
  statements: readonly GuardedStatement<Guard>[],
  failed: number | undefined,
): Guard | undefined => (failed === undefined ? undefined : statements[failed - 1]?.guard);

/** The texts, as `runLongTransaction` takes them. */
export const sqlOf = (statements: readonly GuardedStatement<string>[]): string[] =>
  statements.map(({ sql }) => sql);
