/** A publication, as a listing shows it. */
export interface ListedPublication {
  readonly number: number;
  /** When it was written, by S3's clock. */
  readonly publishedMs: number;
}

/**
 * The publications that keep what they were built from: the latest, and those that were the latest less than `keep` ago.
 * @param isCurrent whether the group is still configured; else its latest one ages, too
 */
export function keptPublications(
  all: readonly ListedPublication[],
  {
    keepMs,
    nowMs,
    isCurrent,
  }: { readonly keepMs: number; readonly nowMs: number; readonly isCurrent: boolean },
): number[] {
  const ordered = all.toSorted((a, b) => a.number - b.number);
  return ordered
    .filter(({ publishedMs }, index) => {
      const next = ordered[index + 1];
      if (next === undefined && isCurrent) return true;
      return nowMs - (next ?? { publishedMs }).publishedMs <= keepMs;
    })
    .map(({ number }) => number);
}
