import { randomBytes } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { Check, CheckDatasetInput, CheckDatasetResult } from '../../contract/maintenance.ts';
import type { PartitionDefinition } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import { foreignPartitions } from '../../pipeline/datasets/catalogue/plan-partitions.ts';
import { planTable, tableName } from '../../pipeline/datasets/catalogue/plan-table.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import type { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';
import type { FetchedDefinition } from '../../pipeline/datasets/derived/fetched-definition.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { datasetPlace } from '../../store/datasets/dataset-place.ts';
import { judgedStep } from '../datasets/derived/judged-step.ts';
import { findCatalogued } from '../datasets/open-catalogued.ts';
import { inStepDirectory } from '../datasets/step-directory.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { covers, probe } from './check-bucket.ts';
import { checkArriving } from './check-files.ts';
import { checkQueue } from './check-queue.ts';
import { Checklist } from './checklist.ts';

type AnyDataset =
  | { readonly kind: 'source'; readonly definition: DatasetDefinition }
  | { readonly kind: 'derived'; readonly definition: DerivedDefinition }
  | { readonly kind: 'fetched'; readonly definition: FetchedDefinition };

/** Checks everything that a dataset needs from the services and from its worker, and says what to do about each finding. */
export async function checkDatasetServices(
  deps: Dependencies,
  { dataset: name }: CheckDatasetInput,
): Promise<CheckDatasetResult> {
  return whileHeartbeating(
    () => 'checking the services',
    async (signal) => {
      let dataset: AnyDataset;
      try {
        dataset = await datasetNamed(deps, name);
      } catch (error) {
        if (!(error instanceof Terminal || error instanceof Refusal)) throw error;
        const check = { area: 'configuration', what: "the worker's file", state: 'problem' } as const;
        return { dataset: name, checks: [{ ...check, found: error.message }] };
      }
      const areas = await Promise.all([
        checkEngine(deps, name, dataset, signal),
        dataset.kind === 'source' ? checkSource(deps, dataset.definition, signal) : [],
        checkStore(deps, dataset, signal),
        checkCatalogue(deps, name, signal),
      ]);
      return { dataset: name, checks: areas.flat() };
    },
  );
}

/** @throws Terminal `UnknownDataset`, and if there is no valid configuration */
async function datasetNamed(deps: Dependencies, name: string): Promise<AnyDataset> {
  const [sources, derived, fetched] = await Promise.all([
    deps.datasets(),
    deps.derivedDatasets(),
    deps.fetchedDatasets(),
  ]);
  if (Object.hasOwn(sources, name)) return { kind: 'source', definition: sources[name]! };
  if (Object.hasOwn(derived, name)) return { kind: 'derived', definition: derived[name]! };
  if (Object.hasOwn(fetched, name)) return { kind: 'fetched', definition: fetched[name]! };
  const known = [sources, derived, fetched].flatMap((some) => Object.keys(some));
  throw new Terminal(
    'UnknownDataset',
    `The worker's configuration has no dataset ${name}. It has ${known.length === 0 ? 'none' : known.join(', ')}.`,
  );
}

/** The engine runs in a process of its own, and the module or step is fit. */
async function checkEngine(
  deps: Dependencies,
  name: string,
  { kind, definition }: AnyDataset,
  signal: AbortSignal,
): Promise<Check[]> {
  const list = new Checklist('DuckDB', signal);
  const runs = await list.ask('engine', async (limited) =>
    inStepDirectory(async (directory) => {
      const found: string[] = [];
      const asked = { sql: 'SELECT version() AS version', tables: {}, directory };
      for await (const { rows } of deps.tableEngine.query(asked, { signal: limited }))
        for (const row of rows) found.push(row.join());
      return { found: found.join() };
    }),
  );
  const code = new Checklist('configuration', signal);
  switch (kind) {
    case 'source':
      await code.ask('record module', async () => {
        const columns = await deps.recordModules.columnsOf(definition);
        return { found: `${definition.records}: ${counted(columns.length, 'column')}` };
      });
      break;
    case 'fetched':
      await code.ask('module', async () => {
        await deps.recordModules.bundleOf(definition.fetch);
        return { found: `${definition.fetch} compiles` };
      });
      break;
    case 'derived':
      // A step in SQL is judged by the engine.
      if (!runs && definition.sql !== undefined) break;
      await code.ask('step', async (limited) => {
        const { version } = await judgedStep(deps, name, definition, limited);
        return { found: `${definition.sql ?? definition.function}, version ${version.slice(0, 12)}` };
      });
      break;
  }
  return [...list.checks, ...code.checks];
}

/** The raw files can be listed and read, and some are the dataset's. */
async function checkSource(
  deps: Dependencies,
  definition: DatasetDefinition,
  signal: AbortSignal,
): Promise<Check[]> {
  const { bucket, prefix, queue, match } = definition.source;
  const { source } = datasetPlace(definition, deps);
  const files = await checkArriving(
    {
      ...{ store: source.store, bucket, prefix, by: 'dataset' },
      isOwn: (key) => !key.endsWith('/') && source.isWanted(key.slice(prefix.length)),
      whatToDo: `Check source.match: it is ${match}.`,
    },
    signal,
  );
  const list = new Checklist('S3', signal);
  await list.ask(
    'lifecycle of the files',
    async (limited) => {
      const rule = await expiring(deps, bucket, prefix, limited);
      if (rule === undefined) return { found: 'no rule deletes them' };
      return {
        state: 'warning',
        found: `rule ${rule.id} deletes files after ${rule.expiresAfterDays} days`,
        whatToDo: 'Days whose files are gone cannot be rebuilt. Their rows stay, and publications keep them.',
      };
    },
    'unknown',
  );
  const ofQueue = await checkQueue(deps, queue, 'runs list the source', signal);
  return [...files.checks, ...list.checks, ...ofQueue];
}

async function expiring(deps: Dependencies, bucket: string, directory: string, signal: AbortSignal) {
  const rules = await deps.bucketMaintenance(bucket).lifecycle({ signal });
  return rules.find(
    ({ prefix, expiresAfterDays }) =>
      expiresAfterDays !== undefined && (covers(prefix, directory) || prefix.startsWith(directory)),
  );
}

/** The worker may write where the table is, and conditional puts are honoured, on which two writers rely. */
async function checkStore(
  deps: Dependencies,
  { definition: { store } }: AnyDataset,
  signal: AbortSignal,
): Promise<Check[]> {
  const list = new Checklist('S3', signal);
  const key = [
    ...(store.prefix === '' ? [] : [store.prefix]),
    '_tributary',
    `check-${randomBytes(6).toString('hex')}`,
  ];
  await list.ask('store', (limited) => probe(deps.store(store.bucket), key.join('/'), limited));
  await list.ask(
    'lifecycle of the table',
    async (limited) => {
      const rule = await expiring(deps, store.bucket, `${store.prefix}/`, limited);
      if (rule === undefined) return { found: 'no rule deletes its files' };
      return {
        state: 'problem',
        found: `rule ${rule.id} deletes objects below s3://${store.bucket}/${store.prefix}/ after ${rule.expiresAfterDays} days`,
        whatToDo:
          'Leave these files out of the rule: readers lose partitions, and what publications keep. Runs delete what is superseded.',
      };
    },
    'unknown',
  );
  return list.checks;
}

/** The table in the catalogue is the dataset's, or can be created. Nothing is changed. */
async function checkCatalogue(deps: Dependencies, name: string, signal: AbortSignal): Promise<Check[]> {
  const list = new Checklist('Glue', signal);
  await list.ask('table', async (limited) => {
    const found = await findCatalogued(deps, name);
    if (found === undefined) return { found: 'none: store.catalogue is none' };
    const { catalogue, address, table } = found;
    const plan = planTable(address, table, await catalogue.table(address, { signal: limited }));
    if (plan.kind === 'refuse') return { state: 'problem', found: plan.refusal.message };
    if (plan.kind === 'create')
      return { found: `${tableName(address)} does not exist yet: the next run creates it` };
    const partitions: PartitionDefinition[] = [];
    for await (const each of catalogue.partitions(address, { signal: limited })) partitions.push(each);
    const foreign = foreignPartitions(address, partitions);
    if (foreign !== undefined) return { state: 'problem', found: foreign.message };
    return { found: `${tableName(address)}: ${counted(partitions.length, 'partition')}` };
  });
  return list.checks;
}
