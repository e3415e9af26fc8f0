import { randomUUID } from 'node:crypto';
import type {
  DatasetActivities,
  DatasetControlActivities,
} from '../../contract/datasets/dataset-activities.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { Pointers } from '../../store/datasets/changed-pointers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { buildGeneration } from './build-generation.ts';
import { closeIntakes, wantedPartitions } from './close-intakes.ts';
import { dataColumns } from './data-columns.ts';
import { buildDerived } from './derived/build-derived.ts';
import { publishEmpty } from './derived/publish-empty.ts';
import { latePass, notePass } from './late-pass.ts';
import { findCatalogued, openCatalogued } from './open-catalogued.ts';
import { openDataset } from './open-dataset.ts';
import { parkBatches } from './park-batches.ts';
import { planIntake } from './plan-intake.ts';
import { readBatch } from './read-batch.ts';
import { checkCatalogue, updateCatalogue } from './update-catalogue.ts';

/** Activities of datasets that read and write documents, on the control queue. */
export function createDatasetControlActivities(deps: Dependencies): DatasetControlActivities {
  return {
    planIntake: withErrorClass(deps, ({ dataset: name, attempt, after, everything, late }) => {
      let listed = 0;
      return whileHeartbeating(
        () => `listing the files of ${name}: ${counted(listed, 'file')}`,
        async (signal) => {
          const dataset = await openDataset(deps, name);
          const { version } = await deps.recordModules.codeOf(dataset.definition);
          const planned = await planIntake(deps, dataset, {
            ...{ attempt, after, code: version, signal },
            everything: everything ?? dataset.definition.source.listPrefixes === undefined,
            onFile: () => listed++,
          });
          return { ...planned, late: late ?? (await latePass(deps, dataset, signal)) };
        },
      );
    }),
    parkBatches: withErrorClass(deps, ({ dataset: name, intake, batches }) =>
      whileHeartbeating(
        () => `parking ${counted(batches.length, 'batch')} of ${name}`,
        async (signal) => parkBatches(await openDataset(deps, name), { intake, batches }, signal),
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
  };
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
          if (Object.hasOwn(await deps.derivedDatasets(), name))
            return buildDerived({ deps, pointers, newId, signal }, input);
          const dataset = await openDataset(deps, name);
          const { definition } = dataset;
          const { columns } = dataColumns(definition, await deps.recordModules.columnsOf(definition));
          if (empty) return publishEmpty(deps, dataset, { partition, columns, id: newId(), signal });
          return buildGeneration({ deps, engine, columns, newId, signal }, dataset, partition);
        },
      );
    }),
  };
}
