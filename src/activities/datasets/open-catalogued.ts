import type { Catalogue } from '../../clients/catalogue.ts';
import { Terminal } from '../../clients/errors.ts';
import type { TableAddress, TableDefinition } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import { type DescribedColumn, datasetTable } from '../../pipeline/datasets/catalogue/dataset-table.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import type { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';
import type { FetchedDefinition } from '../../pipeline/datasets/derived/fetched-definition.ts';
import { declaredColumns } from '../../pipeline/datasets/derived/result-columns.ts';
import type { DatasetFiles } from '../../store/datasets/dataset-documents.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { fetchedColumns } from './derived/fetched-columns.ts';
import { openDataset } from './open-dataset.ts';

/** A dataset, and its table in a catalogue. */
export interface CataloguedDataset {
  readonly name: string;
  readonly catalogue: Catalogue;
  readonly address: TableAddress;
  /** As it is to be. */
  readonly table: TableDefinition;
  /** Of its files, and the partition's if a record module has it. */
  readonly columns: readonly DescribedColumn[];
  readonly files: DatasetFiles;
}

export type CatalogueDependencies = Pick<
  Dependencies,
  'catalogue' | 'datasets' | 'derivedDatasets' | 'fetchedDatasets' | 'recordModules' | 'store'
>;

/** @returns undefined if the dataset has no catalogue @throws Terminal `UnknownDataset` */
export async function findCatalogued(
  deps: CatalogueDependencies,
  name: string,
): Promise<CataloguedDataset | undefined> {
  const made = { ...(await deps.derivedDatasets()), ...(await deps.fetchedDatasets()) };
  const definition = Object.hasOwn(made, name)
    ? (made[name] as (typeof made)[string])
    : (await openDataset(deps, name)).definition;
  const { catalogue, bucket, prefix } = definition.store;
  if (catalogue.kind === 'none') return undefined;
  const columns = await columnsOf(deps, definition);
  const { database, table, region } = catalogue;
  return {
    ...{ name, columns, address: { database, table }, catalogue: deps.catalogue(region) },
    table: datasetTable(name, definition, columns),
    files: { store: deps.store(bucket), at: { prefix } },
  };
}

async function columnsOf(
  deps: CatalogueDependencies,
  definition: DatasetDefinition | DerivedDefinition | FetchedDefinition,
): Promise<readonly DescribedColumn[]> {
  if ('inputs' in definition) return declaredColumns(definition);
  return 'fetch' in definition ? fetchedColumns(deps, definition) : deps.recordModules.columnsOf(definition);
}

/** @throws Terminal `BadInput` if it has no catalogue */
export async function openCatalogued(deps: CatalogueDependencies, name: string): Promise<CataloguedDataset> {
  const found = await findCatalogued(deps, name);
  if (found !== undefined) return found;
  throw new Terminal('BadInput', `Dataset ${name} has no catalogue: store.catalogue is none.`);
}
