/** Partitions built by one execution: its history stays far below Temporal's limits. */
export const PARTITIONS_AT_ONCE = 400;

/**
 * Of the partitions that lack rows, those that one execution of a run builds. Each is tried once in a run, so that those that fail hold
 * none of the others up.
 * @param lacking sorted
 * @param after the last one that the run has tried
 */
export function partitionsToBuild(
  lacking: readonly string[],
  after = '',
): { readonly partitions: readonly string[]; readonly left: number } {
  const wanted = lacking.filter((partition) => partition > after);
  const partitions = wanted.slice(0, PARTITIONS_AT_ONCE);
  return { partitions, left: wanted.length - partitions.length };
}
