import type { StepChecks } from './checks-setting.ts';

/** What a dataset declares that tells its rows apart. */
export interface DeclaredKeys {
  readonly deduplicate?: { readonly key: readonly string[] } | undefined;
  readonly checks: StepChecks;
  readonly filePer?: string | undefined;
  /** Columns of its partitions: within one, they tell nothing apart. */
  readonly partition: readonly string[];
}

/**
 * The columns by which rows of two generations of a partition are paired: those of `deduplicate.key`, else of the first check
 * `unique`, else that of `filePer`. Empty if nothing is declared, or if the generations lack such a column.
 * @param columns of the generations
 */
export function declaredKey(
  { deduplicate, checks, filePer, partition }: DeclaredKeys,
  columns: readonly string[],
): readonly string[] {
  const unique = Object.values(checks).find((check) => check.unique !== undefined)?.unique;
  const declared = deduplicate?.key ?? unique ?? (filePer === undefined ? [] : [filePer]);
  const key = declared.filter((column) => !partition.includes(column));
  return key.every((column) => columns.includes(column)) ? key : [];
}
