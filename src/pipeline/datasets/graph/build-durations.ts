/** How long the build of a partition took, in milliseconds. */
interface Measured {
  readonly partition: string;
  readonly took: number;
}

export interface BuildDurations {
  readonly median: number;
  /** The one that was published last. */
  readonly last: Measured;
  readonly longest: Measured;
  /** Of the latest partitions. */
  readonly partitions: readonly Measured[];
}

/** How many partitions are given one by one. */
const MOST_GIVEN = 400;

/** How long builds of a dataset took. @returns undefined if none was measured */
export function buildDurations(
  published: ReadonlyMap<string, { readonly took?: number; readonly publishedAt: string }>,
): BuildDurations | undefined {
  const measured = [...published].flatMap(([partition, { took, publishedAt }]) =>
    took === undefined ? [] : [{ partition, took, publishedAt }],
  );
  const [first] = measured;
  if (first === undefined) return undefined;
  const sorted = measured.map(({ took }) => took).toSorted((a, b) => a - b);
  const bare = ({ partition, took }: Measured) => ({ partition, took });
  return {
    median: sorted[Math.floor((sorted.length - 1) / 2)] as number,
    last: bare(measured.reduce((last, each) => (each.publishedAt > last.publishedAt ? each : last), first)),
    longest: bare(measured.reduce((longest, each) => (each.took > longest.took ? each : longest), first)),
    partitions: measured
      .toSorted((a, b) => (a.partition < b.partition ? -1 : 1))
      .slice(-MOST_GIVEN)
      .map(bare),
  };
}
