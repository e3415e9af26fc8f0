/**
 * Which shards of a stream are to be read now. A shard is read after its parent was read to its end, so that all changes of
 * a key are recorded in order: they are in one lineage of shards.
 *
 * The log begins with an epoch's roots. A shard whose parent was never seen lies behind a gap: the stream keeps a shard for a
 * day, and the parent has passed by unread. It is recorded nevertheless, because its own day runs.
 */

/** A shard as the stream lists it. */
export interface Listed {
  readonly id: string;
  readonly parent?: string | undefined;
}

export interface LineageView<Shard extends Listed> {
  /** The epoch's. */
  readonly roots: readonly string[];
  /** What the stream lists. */
  readonly listed: readonly Shard[];
  /** The shards of the log, and whether each has been read to its end. */
  readonly recorded: ReadonlyMap<string, { readonly ended: boolean }>;
}

export interface NextShards<Shard extends Listed> {
  /** Not in the log yet: their parent has ended there, or they are roots. */
  readonly ready: readonly Shard[];
  /** Not in the log yet, and neither the log nor the stream has what came before. */
  readonly behindGap: readonly Shard[];
  /** In the log, and not read to their end, whether or not the stream still lists them. */
  readonly unended: readonly string[];
}

/** All in the order of the listing, those of the log in its order. */
export function nextShards<Shard extends Listed>({
  roots,
  listed,
  recorded,
}: LineageView<Shard>): NextShards<Shard> {
  const isRoot = new Set(roots);
  const isListed = new Set(listed.map(({ id }) => id));
  const ready: Shard[] = [];
  const behindGap: Shard[] = [];
  for (const shard of listed) {
    const { id, parent } = shard;
    if (recorded.has(id)) continue;
    const before = parent === undefined ? undefined : recorded.get(parent);
    if (isRoot.has(id) || before?.ended === true) ready.push(shard);
    else if (before === undefined && (parent === undefined || !isListed.has(parent))) behindGap.push(shard);
  }
  const unended = [...recorded].flatMap(([id, { ended }]) => (ended ? [] : [id]));
  return { ready, behindGap, unended };
}

/** The shards with which a log begins: those whose parent the stream does not list. */
export function rootsOf(listed: readonly Listed[]): string[] {
  const isListed = new Set(listed.map(({ id }) => id));
  return listed.flatMap(({ id, parent }) => (parent === undefined || !isListed.has(parent) ? [id] : []));
}

/** Shards with parents before their children. A shard that is its own ancestor, which no stream has, comes last. */
export function parentsFirst<Shard extends Listed>(shards: readonly Shard[]): Shard[] {
  const byId = new Map(shards.map((shard) => [shard.id, shard]));
  const ordered = new Set<Shard>();
  for (const shard of shards) {
    const above: Shard[] = [];
    let at: Shard | undefined = shard;
    while (at !== undefined && !ordered.has(at) && !above.includes(at)) {
      above.push(at);
      at = at.parent === undefined ? undefined : byId.get(at.parent);
    }
    for (const each of above.reverse()) ordered.add(each);
  }
  return [...ordered];
}
