import type { CataloguedDataset } from '../../../src/activities/datasets/open-catalogued.ts';
import { updateCatalogue } from '../../../src/activities/datasets/update-catalogue.ts';
import type { Catalogue } from '../../../src/clients/catalogue.ts';
import type { CatalogueUpdate } from '../../../src/contract/datasets/datasets.ts';
import type {
  FoundTable,
  PartitionDefinition,
  TableAddress,
} from '../../../src/pipeline/datasets/catalogue/catalogue-table.ts';
import {
  type DescribedColumn,
  datasetTable,
} from '../../../src/pipeline/datasets/catalogue/dataset-table.ts';
import {
  generationDirectory,
  generationKey,
  generationName,
  pointerKey,
} from '../../../src/pipeline/datasets/dataset-directory.ts';
import type { Generation, Pointer } from '../../../src/pipeline/datasets/documents.ts';
import { typeText } from '../../../src/pipeline/datasets/records/column-type.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';

export const COLUMNS: readonly DescribedColumn[] = [
  { name: 'id', type: { kind: 'string' }, comment: 'The id.' },
  { name: 'day', type: { kind: 'date' } },
];

/** A dataset that has pointers and documents, but no rows, and its table in the local Glue. */
export class KnownCatalogue {
  readonly catalogue: Catalogue;
  readonly address: TableAddress = { database: uniqueName('db'), table: 'requests' };
  readonly files: DatasetFiles;

  constructor(harness: Harness) {
    this.catalogue = harness.dependencies.catalogue(undefined);
    this.files = { store: harness.store, at: { prefix: uniqueName('catalogued') } };
  }

  /** As activities have it. */
  catalogued({
    catalogue = this.catalogue,
    columns = COLUMNS,
  }: {
    readonly catalogue?: Catalogue;
    readonly columns?: readonly DescribedColumn[];
  } = {}): CataloguedDataset {
    const { files, address } = this;
    const store = { bucket: files.store.bucket, prefix: files.at.prefix };
    const table = datasetTable('requests', { partition: { column: 'day', unit: 'day' }, store }, columns);
    return { name: 'requests', catalogue, address, table, columns, files };
  }

  /** Publishes a generation, as far as the catalogue cares. */
  async publish(day: string, number: number, columns: readonly DescribedColumn[] = COLUMNS): Promise<void> {
    const { store, at } = this.files;
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
    const { store, at } = this.files;
    await store.delete([pointerKey(at, `day=${day}`)]);
  }

  update({
    signal = new AbortController().signal,
    ...more
  }: {
    readonly catalogue?: Catalogue;
    readonly columns?: readonly DescribedColumn[];
    readonly signal?: AbortSignal;
  } = {}): Promise<CatalogueUpdate> {
    return updateCatalogue(this.catalogued(more), signal);
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
    const { bucket } = this.files.store;
    const entries = (await this.partitions()).map(({ values: [day = ''], location }) => {
      const number = Number(/\/gen-(\d+)-abc\/$/.exec(location)?.[1]);
      const folder = generationDirectory(this.files.at, `day=${day}`, generationName(number, 'abc'));
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
