/** A generation of a partition, as listings show it. */
export interface ListedGeneration {
  /** `gen-00007-<id>` */
  readonly name: string;
  readonly generation: number;
  /** When its document was written, by S3's clock. Absent: it has none. */
  readonly documentMs?: number;
  /** When the last of its objects was written. */
  readonly newestMs: number;
}

interface PruneRule {
  /** The name that the pointer has. Absent: nothing is published. */
  readonly current: string | undefined;
  /** Names that the catalogue or another reader has. */
  readonly named: ReadonlySet<string>;
  readonly nowMs: number;
  /** How long a generation stays after it was superseded. */
  readonly keepMs: number;
}

/** How long what was never published stays: its writer may be slow. */
export const UNREFERENCED_MS = 7 * 86_400_000;

/**
 * The generations that nothing needs: superseded ones, once queries that began before have had time, and those that were never
 * published. What the pointer or the catalogue names stays, however old it is.
 */
export function generationsToPrune(
  all: readonly ListedGeneration[],
  { current, named, nowMs, keepMs }: PruneRule,
): ListedGeneration[] {
  const published = all.find(({ name }) => name === current)?.generation;
  return all.filter((each) => {
    if (each.name === current || named.has(each.name)) return false;
    if (nowMs - each.newestMs <= Math.min(keepMs, UNREFERENCED_MS)) return false;
    const supersededMs = published === undefined ? undefined : supersededAt(each, published, all);
    return supersededMs === undefined
      ? nowMs - each.newestMs > UNREFERENCED_MS
      : nowMs - supersededMs > keepMs;
  });
}

/** When the next generation was published, at the latest; undefined if this one was never published. */
function supersededAt(
  { generation, documentMs }: ListedGeneration,
  published: number,
  all: readonly ListedGeneration[],
): number | undefined {
  if (documentMs === undefined || generation >= published) return undefined;
  const next = all
    .filter((each) => each.generation === generation + 1)
    .flatMap((each) => each.documentMs ?? []);
  // Those after it may be pruned already.
  const later =
    next.length > 0
      ? next
      : all.flatMap((each) => (each.generation > generation ? (each.documentMs ?? []) : []));
  return later.length === 0 ? undefined : later.reduce((latest, ms) => Math.max(latest, ms));
}
