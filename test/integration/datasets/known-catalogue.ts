import type { OpenDataset } from '../../../src/activities/datasets/open-dataset.ts';
import { updateCatalogue } from '../../../src/activities/datasets/update-catalogue.ts';
import type { Catalogue } from '../../../src/clients/catalogue.ts';
import type { CatalogueUpdate } from '../../../src/contract/datasets/datasets.ts';
import type {
  FoundTable,
  PartitionDefinition,
  TableAddress,
} from '../../../src/pipeline/datasets/catalogue/catalogue-table.ts';
import type { DescribedColumn } from '../../../src/pipeline/datasets/catalogue/dataset-table.ts';
import {
  generationDirectory,
  generationKey,
  generationName,
  pointerKey,
} from '../../../src/pipeline/datasets/dataset-directory.ts';
import { DatasetDefinition } from '../../../src/pipeline/datasets/definition.ts';
import type { Generation, Pointer } from '../../../src/pipeline/datasets/documents.ts';
import { typeText } from '../../../src/pipeline/datasets/parquet/column-type.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';
import { testStack } from '../setup/stack.ts';

export const COLUMNS: readonly DescribedColumn[] = [
  { name: 'id', type: { kind: 'string' }, comment: 'The id.' },
  { name: 'day', type: { kind: 'date' } },
];

/** A dataset that has pointers and documents, but no rows, and its table in the local Glue. */
export class KnownCatalogue {
  readonly catalogue: Catalogue;
  readonly address: TableAddress = { database: uniqueName('db'), table: 'requests' };
  readonly dataset: OpenDataset;
  readonly #prefix = uniqueName('catalogued');

  constructor(harness: Harness) {
    const { bucket } = testStack().s3;
    this.catalogue = harness.dependencies.catalogue(undefined);
    const definition = DatasetDefinition.parse({
      source: { bucket, prefix: `${this.#prefix}-raw/` },
      records: './records.ts',
      partition: { column: 'day' },
      store: { bucket, prefix: this.#prefix, catalogue: { kind: 'glue', ...this.address } },
    });
    this.dataset = {
      ...{ name: 'requests', definition },
      files: { store: harness.store, at: { prefix: this.#prefix } },
      source: { store: harness.store, prefix: `${this.#prefix}-raw/`, isWanted: () => true },
    };
  }

  /** Publishes a generation, as far as the catalogue cares. */
  async publish(day: string, number: number, columns: readonly DescribedColumn[] = COLUMNS): Promise<void> {
    const { store, at } = this.dataset.files;
    const partition = `day=${day}`;
    const content: Generation['content'] = { columnsId: 'c', rows: 0, sums: ['0', '0'] };
    const generation: Generation = {
      ...{ version: 1, partition, generation: number, id: 'abc', builtAt: '2026-11-01T00:00:00Z' },
      ...{ inputs: [], nextInput: 0, files: [], content },
      columns: columns
        .filter(({ name }) => name !== 'day')
        .map(({ name, type }) => ({ name, type: typeText(type) })),
    };
    const pointer: Pointer = {
      ...{ version: 1, revision: number, generation: number, id: 'abc', content },
      publishedAt: '2026-11-01T00:00:00Z',
    };
    await store.put(generationKey(at, partition, generationName(number, 'abc')), JSON.stringify(generation));
    await store.put(pointerKey(at, partition), JSON.stringify(pointer));
  }

  async unpublish(day: string): Promise<void> {
    const { store, at } = this.dataset.files;
    await store.delete([pointerKey(at, `day=${day}`)]);
  }

  update({
    catalogue = this.catalogue,
    columns = COLUMNS,
    signal = new AbortController().signal,
  }: {
    readonly catalogue?: Catalogue;
    readonly columns?: readonly DescribedColumn[];
    readonly signal?: AbortSignal;
  } = {}): Promise<CatalogueUpdate> {
    return updateCatalogue({ catalogue, columns, signal }, this.dataset, this.address);
  }

  async table(): Promise<FoundTable> {
    const found = await this.catalogue.table(this.address);
    if (found === undefined) throw new Error('no table');
    return found;
  }

  async partitions(): Promise<PartitionDefinition[]> {
    const found: PartitionDefinition[] = [];
    for await (const partition of this.catalogue.partitions(this.address)) found.push(partition);
    return found.toSorted((a, b) => (a.values.join() < b.values.join() ? -1 : 1));
  }

  /** By day, the number of the generation whose folder the catalogue names. */
  async generations(): Promise<Record<string, number>> {
    const { bucket } = this.dataset.definition.store;
    const entries = (await this.partitions()).map(({ values: [day = ''], location }) => {
      const number = Number(/\/gen-(\d+)-abc\/$/.exec(location)?.[1]);
      const folder = generationDirectory(this.dataset.files.at, `day=${day}`, generationName(number, 'abc'));
      if (location !== `s3://${bucket}/${folder}`) throw new Error(`odd location ${location}`);
      return [day, number] as const;
    });
    return Object.fromEntries(entries);
  }
}

type Changing = 'createTable' | 'updateTable' | 'createPartitions' | 'updatePartitions' | 'deletePartitions';
type Method = Changing | 'createDatabase' | 'table' | 'partitions';

/** The same catalogue, with something before and after its calls. Listing partitions is one call. */
export function observed(
  catalogue: Catalogue,
  { before = async () => {}, after = async () => {} }: Partial<Record<'before' | 'after', Observer>>,
): Catalogue {
  const around = async <T>(method: Method, call: () => Promise<T>): Promise<T> => {
    await before(method);
    const answer = await call();
    await after(method);
    return answer;
  };
  return {
    createDatabase: (...call) => around('createDatabase', () => catalogue.createDatabase(...call)),
    table: (...call) => around('table', () => catalogue.table(...call)),
    createTable: (...call) => around('createTable', () => catalogue.createTable(...call)),
    updateTable: (...call) => around('updateTable', () => catalogue.updateTable(...call)),
    async *partitions(...call) {
      await before('partitions');
      yield* catalogue.partitions(...call);
      await after('partitions');
    },
    createPartitions: (...call) => around('createPartitions', () => catalogue.createPartitions(...call)),
    updatePartitions: (...call) => around('updatePartitions', () => catalogue.updatePartitions(...call)),
    deletePartitions: (...call) => around('deletePartitions', () => catalogue.deletePartitions(...call)),
  };
}

type Observer = (method: Method) => Promise<void>;
