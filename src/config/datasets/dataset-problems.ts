import type { Document } from 'yaml';
import { z } from 'zod';
import { contradictions } from '../../pipeline/datasets/contradictions.ts';
import { type DatasetDefinition, SourceDatasetSettings } from '../../pipeline/datasets/definition.ts';
import { DerivedStore } from '../../pipeline/datasets/derived/derived-store.ts';
import type { ConfigProblem } from '../config-error.ts';
import { offsetOf } from '../document-positions.ts';
import { DatasetEntry, isDerived, isFetched } from './dataset-entry.ts';
import { warehouseProblems } from './warehouse-problems.ts';

/** A dataset of the file whose settings may be wrong in part: the valid settings, with their defaults. */
interface WrittenDataset {
  readonly name: string;
  readonly parts: Partial<DatasetDefinition>;
  /** What its schema has found. */
  readonly known: ReadonlySet<string>;
  readonly problem: (path: readonly (string | number)[], message: string) => ConfigProblem;
}

type Entries = Readonly<Record<string, unknown>>;

/**
 * Problems of datasets that their schema cannot see: within a dataset that is invalid elsewhere, between datasets, and with
 * what else Tributary writes or reads.
 * @param entries the file's content with its defaults, not validated yet
 */
export function datasetProblems(
  document: Document,
  entries: { readonly datasets: Entries; readonly loaders: Entries; readonly pipelines: Entries },
): ConfigProblem[] {
  const datasets = writtenDatasets(document, entries.datasets);
  return [
    ...datasets.flatMap(ownProblems),
    ...sharedStores(datasets),
    ...sharedTables(datasets),
    ...sharedQueues(datasets, entries.loaders),
    ...storesAmongOthers(datasets, places(entries)),
    ...warehouseProblems(document, entries),
  ];
}

/** Reported here if the definition is invalid elsewhere; else its schema has found them. */
const ownProblems = ({ parts, known, problem }: WrittenDataset): ConfigProblem[] =>
  contradictions(parts)
    .filter(({ message }) => !known.has(message))
    .map(({ path, message }) => problem(path, message));

/** Tables of which one is inside the other. */
function sharedStores(datasets: readonly WrittenDataset[]): ConfigProblem[] {
  return datasets.flatMap(({ parts: { store }, problem }, i) => {
    if (store === undefined) return [];
    const own = `${store.bucket}/${store.prefix}/`;
    const other = datasets.slice(0, i).find(({ parts }) => {
      if (parts.store === undefined) return false;
      const directory = `${parts.store.bucket}/${parts.store.prefix}/`;
      return own.startsWith(directory) || directory.startsWith(own);
    });
    if (other === undefined) return [];
    return [
      problem(
        ['store', 'prefix'],
        `a prefix apart from s3://${other.parts.store!.bucket}/${other.parts.store!.prefix}/, the table of dataset ${other.name}`,
      ),
    ];
  });
}

function sharedTables(datasets: readonly WrittenDataset[]): ConfigProblem[] {
  const tableOf = ({ parts: { store } }: WrittenDataset) =>
    store?.catalogue.kind === 'glue' ? `${store.catalogue.database}.${store.catalogue.table}` : undefined;
  return datasets.flatMap((dataset, i) => {
    const table = tableOf(dataset);
    const other = datasets.slice(0, i).find((each) => table !== undefined && tableOf(each) === table);
    if (other === undefined) return [];
    return [
      dataset.problem(
        ['store', 'catalogue', 'table'],
        `a table of its own, because dataset ${other.name} writes ${table}`,
      ),
    ];
  });
}

/** Of two readers of a queue, each gets some of the messages. */
function sharedQueues(datasets: readonly WrittenDataset[], loaders: Entries): ConfigProblem[] {
  const readers = Object.entries(loaders).flatMap(([name, loader]) => {
    const { data } = Queued.safeParse(loader);
    return data === undefined ? [] : [{ what: `loader ${name}`, queue: data.source.queue }];
  });
  return datasets.flatMap(({ name, parts: { source }, problem }) => {
    const queue = source?.queue;
    if (queue === undefined) return [];
    const other = readers.find((reader) => reader.queue === queue);
    readers.push({ what: `dataset ${name}`, queue });
    if (other === undefined) return [];
    return [problem(['source', 'queue'], `a queue of its own, because ${other.what} reads this one`)];
  });
}

const Queued = z.object({ source: z.object({ queue: z.string() }) });

/** A directory that Tributary writes to or reads from for something else. */
interface Place {
  /** `the staging of loader quakes` */
  readonly what: string;
  /** With its bucket, e.g. `landing/quakes/`; the files of a loader may begin anywhere in a name. */
  readonly start: string;
}

const Staged = z.object({
  staging: z.object({ bucket: z.string(), prefix: z.string().default('tributary') }),
});
const Loaded = z.object({ source: z.object({ bucket: z.string(), prefix: z.string().default('') }) });

const places = ({
  datasets,
  loaders,
  pipelines,
}: Record<'datasets' | 'loaders' | 'pipelines', Entries>): Place[] => [
  ...Object.entries({ pipeline: pipelines, loader: loaders }).flatMap(([kind, entries]) =>
    Object.entries(entries).flatMap(([name, entry]) => {
      const { data } = Staged.safeParse(entry);
      if (data === undefined) return [];
      const { bucket, prefix } = data.staging;
      return [{ what: `the staging of ${kind} ${name}`, start: `${bucket}/${prefix}/` }];
    }),
  ),
  ...Object.entries({ loader: loaders, dataset: datasets }).flatMap(([kind, entries]) =>
    Object.entries(entries).flatMap(([name, entry]) => {
      const { data } = Loaded.safeParse(entry);
      if (data === undefined) return [];
      return [{ what: `the files of ${kind} ${name}`, start: `${data.source.bucket}/${data.source.prefix}` }];
    }),
  ),
];

/** The files of the dataset itself are in `contradictions`. */
function storesAmongOthers(datasets: readonly WrittenDataset[], all: readonly Place[]): ConfigProblem[] {
  return datasets.flatMap(({ name, parts: { store }, problem }) => {
    if (store === undefined) return [];
    const own = `${store.bucket}/${store.prefix}/`;
    const found = all.find(
      ({ what, start }) =>
        what !== `the files of dataset ${name}` && (own.startsWith(start) || start.startsWith(own)),
    );
    if (found === undefined) return [];
    return [problem(['store', 'prefix'], `a prefix apart from s3://${found.start}, ${found.what}`)];
  });
}

const writtenDatasets = (document: Document, datasets: Entries): WrittenDataset[] =>
  Object.entries(datasets).map(([name, dataset]) => ({
    name,
    parts: partsOf(dataset),
    known: new Set(DatasetEntry.safeParse(dataset).error?.issues.map(({ message }) => message)),
    problem: (below, message) => {
      const path = ['datasets', name, ...below];
      return { path, offset: offsetOf(document, path, 'value'), message: `expected ${message}` };
    },
  }));

/** Of a derived or fetched dataset, only its store. */
function partsOf(dataset: unknown): Partial<DatasetDefinition> {
  if (typeof dataset !== 'object' || dataset === null) return {};
  const { shape } = SourceDatasetSettings;
  const parts = Object.entries(
    isDerived(dataset) ? { store: DerivedStore } : isFetched(dataset) ? { store: shape.store } : shape,
  ).flatMap(([key, schema]) => {
    const parsed = schema.safeParse((dataset as Record<string, unknown>)[key]);
    return parsed.success && parsed.data !== undefined ? [[key, parsed.data] as const] : [];
  });
  return Object.fromEntries(parts);
}
