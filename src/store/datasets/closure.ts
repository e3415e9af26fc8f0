import { generationName } from '../../pipeline/datasets/dataset-directory.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { buildRecord, type DatasetFiles } from './dataset-documents.ts';

/** A generation of a partition, and the record of what it was built from. */
export interface BuiltGeneration {
  readonly dataset: string;
  /** Its day or month. */
  readonly partition: string;
  readonly generation: number;
  readonly id: string;
  /** Empty if it was built from files. */
  readonly record: string;
}

/** Where a dataset is. */
export interface ClosurePlace {
  readonly files: DatasetFiles;
  pathOf(partition: string): string;
  /** It is made of files: nothing is recorded. */
  readonly isSource: boolean;
}

const READS_AT_ONCE = 32;

/**
 * These generations, and all that they were built from, transitively. What is recorded no more, or is of a dataset that is not
 * configured any more, is left out.
 */
export async function closureOf(
  seeds: readonly BuiltGeneration[],
  placeOf: (dataset: string) => ClosurePlace | undefined,
  signal: AbortSignal,
): Promise<BuiltGeneration[]> {
  const found = new Map<string, BuiltGeneration>();
  let added: BuiltGeneration[] = [];
  const add = (each: BuiltGeneration) => {
    const key = JSON.stringify([each.dataset, each.partition, each.id, each.record]);
    if (found.has(key) || placeOf(each.dataset) === undefined) return;
    found.set(key, each);
    added.push(each);
  };
  for (const seed of seeds) add(seed);
  while (added.length > 0) {
    const level = added;
    added = [];
    await forEachLimited(
      level,
      READS_AT_ONCE,
      async ({ dataset, partition, record }, each) => {
        const place = placeOf(dataset);
        if (place === undefined || place.isSource || record === '') return;
        const document = buildRecord(place.files, place.pathOf(partition), record);
        for (const input of (await findDocument(document, each))?.inputs ?? []) {
          if (input.isTable === true) continue;
          const { dataset: name, partition: value, generation, id } = input;
          // Of earlier records: that which made the generation.
          add({ dataset: name, partition: value, generation, id, record: input.record ?? id });
        }
      },
      signal,
    );
  }
  return [...found.values()];
}

/** What must stay of one dataset: by paths of partitions, names of generations and ids of records. */
export interface Pins {
  readonly generations: ReadonlyMap<string, ReadonlySet<string>>;
  readonly records: ReadonlyMap<string, ReadonlySet<string>>;
}

export function pinsOf(
  dataset: string,
  closure: readonly BuiltGeneration[],
  pathOf: (partition: string) => string,
): Pins {
  const generations = new Map<string, Set<string>>();
  const records = new Map<string, Set<string>>();
  const add = (to: Map<string, Set<string>>, path: string, id: string) => {
    const own = to.get(path) ?? new Set<string>();
    to.set(path, own.add(id));
  };
  for (const { partition, generation, id, record } of closure.filter((each) => each.dataset === dataset)) {
    const path = pathOf(partition);
    add(generations, path, generationName(generation, id));
    // The record that made the generation, and the one that names it again.
    for (const each of [id, record]) add(records, path, each);
  }
  return { generations, records };
}
