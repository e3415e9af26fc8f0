import { randomUUID } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type {
  DatasetActivities,
  DatasetControlActivities,
  DatasetWatchActivities,
  PlanIntakeInput,
  PlannedIntake,
} from '../../contract/datasets/dataset-activities.ts';
import { dataColumns } from '../../modules/data-columns.ts';
import { datasetAlertsPlace } from '../../pipeline/datasets/dataset-directory.ts';
import { DayRange } from '../../pipeline/datasets/documents.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { Pointers } from '../../store/datasets/changed-pointers.ts';
import { abandonIntake } from '../../store/datasets/intakes.ts';
import { whoListens } from '../alerts/who-listens.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { endsOfChildren } from '../temporal/children-by-id.ts';
import { awaitArrivals } from './await-arrivals.ts';
import { parkBatches } from './batch/park-batches.ts';
import { readBatch } from './batch/read-batch.ts';
import { buildGeneration } from './build-generation.ts';
import { closeIntakes, wantedPartitions } from './close-intakes.ts';
import { buildDerived } from './derived/build-derived.ts';
import { buildFetched } from './derived/build-fetched.ts';
import { PinnedGenerations } from './derived/pinned.ts';
import { publishEmpty } from './derived/publish-empty.ts';
import { latePass, notePass } from './late-pass.ts';
import { findCatalogued, openCatalogued } from './open-catalogued.ts';
import { type OpenDataset, openDataset } from './open-dataset.ts';
import { checkRows } from './partition-checks.ts';
import { planIntake } from './plan-intake.ts';
import { planRebuild, planReplay } from './plan-reread.ts';
import { pruneDataset } from './prune-dataset.ts';
import { buildInRedshift } from './redshift/build-in-redshift.ts';
import { inStepDirectory } from './step-directory.ts';
import { checkCatalogue, updateCatalogue } from './update-catalogue.ts';

/** Activities of datasets that read and write documents, on the control queue. */
export function createDatasetControlActivities(deps: Dependencies): DatasetControlActivities {
  return {
    placeOfAlerts: withErrorClass(deps, async ({ dataset: name }) => {
      const { definition } = await openDataset(deps, name);
      const { alerts } = await whoListens(deps);
      return alerts === true ? datasetAlertsPlace(definition.store) : undefined;
    }),
    planIntake: withErrorClass(deps, (input) => {
      const { dataset: name } = input;
      let listed = 0;
      return whileHeartbeating(
        () => `listing the files of ${name}: ${counted(listed, 'file')}`,
        async (signal) => {
          const dataset = await openDataset(deps, name);
          const planned = await plannedFor(deps, dataset, input, { signal, onFile: () => listed++ });
          const { lineage } = await whoListens(deps);
          return lineage === true ? { ...planned, lineage } : planned;
        },
      );
    }),
    abandonIntake: withErrorClass(deps, ({ dataset: name, intake, why }) =>
      whileHeartbeating(
        () => `giving up intake ${intake} of ${name}`,
        async (signal) => abandonIntake((await openDataset(deps, name)).files, intake, why, signal),
      ),
    ),
    parkBatches: withErrorClass(deps, ({ dataset: name, intake, batches }) =>
      whileHeartbeating(
        () => `parking ${counted(batches.length, 'batch', 'batches')} of ${name}`,
        async (signal) => parkBatches(deps, await openDataset(deps, name), { intake, batches }, signal),
      ),
    ),
    wantedPartitions: withErrorClass(deps, ({ dataset: name, late }) =>
      whileHeartbeating(
        () => `finding partitions of ${name} that lack rows`,
        async (signal) => wantedPartitions(deps, await openDataset(deps, name), late, signal),
      ),
    ),
    checkCatalogue: withErrorClass(deps, ({ dataset: name }) =>
      whileHeartbeating(
        () => `comparing ${name} with its table in the catalogue`,
        async (signal) => {
          const found = await findCatalogued(deps, name);
          return found === undefined ? 'none' : checkCatalogue(found, signal);
        },
      ),
    ),
    reconcileCatalogue: withErrorClass(deps, ({ dataset: name }) =>
      whileHeartbeating(
        () => `updating the table of ${name} in the catalogue`,
        async (signal) => updateCatalogue(await openCatalogued(deps, name), signal),
      ),
    ),
    closeIntakes: withErrorClass(deps, ({ dataset: name, late }) =>
      whileHeartbeating(
        () => `closing intakes of ${name}`,
        async (signal) => {
          const dataset = await openDataset(deps, name);
          const closed = await closeIntakes(deps, dataset, signal);
          if (late) await notePass(deps, dataset, signal);
          return closed;
        },
      ),
    ),
    pruneDataset: withErrorClass(deps, ({ dataset: name }) => {
      let deleted = 0;
      return whileHeartbeating(
        () => `deleting what nothing needs of ${name}: ${counted(deleted, 'object')}`,
        async (signal) => {
          const dataset = await openDataset(deps, name);
          const onDeleted = (objects: number) => {
            deleted += objects;
          };
          const catalogued = await findCatalogued(deps, name);
          const pinned = new PinnedGenerations(deps, deps.nowMs());
          const pins = (each: AbortSignal) => pinned.of(name, each);
          return pruneDataset({ deps, catalogued, pins, signal, onDeleted }, dataset);
        },
      );
    }),
  };
}

/** Activities of datasets that mostly wait, on the task queue of loaders. */
export function createDatasetWatchActivities(deps: Dependencies): DatasetWatchActivities {
  return { awaitArrivals: withErrorClass(deps, (input) => awaitArrivals(deps, input)) };
}

/** Activities of datasets that read files and write Parquet, on a queue of their own. */
export function createDatasetActivities(deps: Dependencies): DatasetActivities {
  const { tableEngine: engine } = deps;
  const nowMs = () => deps.nowMs();
  const newId = () => randomUUID().slice(0, 8);
  const pointers = new Pointers();
  return {
    readBatchFiles: withErrorClass(deps, ({ dataset: name, intake, batch }) => {
      let records = 0;
      return whileHeartbeating(
        () => `batch ${batch} of intake ${intake} of ${name}: ${counted(records, 'record')}`,
        async (signal) => {
          const dataset = await openDataset(deps, name);
          const code = await deps.recordModules.codeOf(dataset.definition);
          const onRecords = (now: number) => {
            records = now;
          };
          return readBatch({ engine, code, newId, nowMs, signal, onRecords }, dataset, { intake, batch });
        },
      );
    }),
    buildGeneration: withErrorClass(deps, (input) => {
      const { dataset: name, partition, empty = false } = input;
      return whileHeartbeating(
        () => `building ${partition} of ${name}`,
        async (signal) => {
          if (Object.hasOwn(await deps.fetchedDatasets(), name))
            return buildFetched({ deps, pointers, newId, signal }, input);
          const derived = await deps.derivedDatasets();
          if (Object.hasOwn(derived, name))
            return (derived[name]?.engine === 'redshift' ? buildInRedshift : buildDerived)(
              { deps, pointers, newId, signal },
              input,
            );
          const dataset = await openDataset(deps, name);
          const { definition } = dataset;
          const { columns } = dataColumns(definition, await deps.recordModules.columnsOf(definition));
          if (empty) {
            const warnings = await inStepDirectory((directory) =>
              checkRows({ deps, engine, columns, signal }, dataset, { partition, files: [], directory }),
            );
            const published = await publishEmpty(deps, dataset, { partition, columns, id: newId(), signal });
            return warnings.length === 0 ? published : { ...published, warnings };
          }
          return buildGeneration({ deps, engine, columns, newId, signal }, dataset, partition);
        },
      );
    }),
  };
}

async function plannedFor(
  deps: Dependencies,
  dataset: OpenDataset,
  { attempt, owner, after, everything, late, rebuild, replay }: PlanIntakeInput,
  { signal, onFile }: { readonly signal: AbortSignal; readonly onFile: () => void },
): Promise<PlannedIntake> {
  const { version: code } = await deps.recordModules.codeOf(dataset.definition);
  const options = { attempt, owner, code, signal };
  if (rebuild !== undefined)
    return {
      ...(await planRebuild(deps, dataset, readRange(rebuild), {
        ...options,
        keepLost: rebuild.keepLost === true,
      })),
      ...{ late: false, code },
    };
  if (replay !== undefined)
    return { ...(await planReplay(deps, dataset, { ...options, intake: replay.intake })), late: false, code };
  const planned = await planIntake(deps, dataset, {
    ...{ attempt, owner, after, code, signal },
    columns: async () =>
      dataColumns(dataset.definition, await deps.recordModules.columnsOf(dataset.definition)).columns,
    ended: async (workflowIds) => new Set(Object.keys(await endsOfChildren({ workflowIds }))),
    everything: everything ?? dataset.definition.source.listPrefixes === undefined,
    onFile,
  });
  return { ...planned, code, late: late ?? (await latePass(deps, dataset, signal)) };
}

/** @throws Terminal `BadInput` */
function readRange(given: unknown): DayRange {
  const parsed = DayRange.safeParse(given);
  if (parsed.success && parsed.data.from <= parsed.data.to) return parsed.data;
  throw new Terminal(
    'BadInput',
    'rebuild: expected two days, the first not after the last, e.g. {"from":"2026-11-01","to":"2026-11-30"}.',
  );
}
