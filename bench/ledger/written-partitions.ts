/** What a run wrote of one dataset. */
export interface DatasetWrites {
  /** Requests. */
  readonly puts: number;
  /** Partitions of which rows were written, as Parquet or text. */
  readonly partitions: readonly string[];
  /** Text files, by the value that each is for; one that was written twice is there twice. */
  readonly texts: readonly string[];
}

/** @param written keys in the bucket @param prefix of all tables, with a slash at the end */
export function writesByDataset(
  written: readonly string[],
  prefix: string,
): ReadonlyMap<string, DatasetWrites> {
  const found = new Map<string, { puts: number; partitions: Set<string>; texts: string[] }>();
  for (const key of written) {
    if (!key.startsWith(prefix)) continue;
    const [dataset = '', first = '', second = '', third = ''] = key.slice(prefix.length).split('/');
    const own = found.get(dataset) ?? { puts: 0, partitions: new Set(), texts: [] };
    found.set(dataset, own);
    own.puts++;
    if (first === 'files') own.texts.push(third);
    if (first === 'files' || first.includes('=')) own.partitions.add(first === 'files' ? second : first);
  }
  return new Map(
    [...found]
      .map(([name, own]) => [name, { ...own, partitions: [...own.partitions].toSorted() }] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
