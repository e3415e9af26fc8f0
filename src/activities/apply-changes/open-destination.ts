import type { ObjectStore } from '../../clients/object-store.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { type ApplyPace, applyPace } from '../../pipeline/definition/apply-pace.ts';
import type {
  PipelineDefinition,
  WarehouseDefinition,
} from '../../pipeline/definition/pipeline-definition.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** A destination of a pipeline's changes, as the worker's configuration has it now. */
export interface Destination {
  readonly pipeline: string;
  readonly name: string;
  readonly definition: PipelineDefinition;
  /** The pipeline's own mapping, by which the log is written. */
  readonly logMapping: Mapping;
  readonly warehouse: WarehouseDefinition;
  readonly pace: ApplyPace;
  readonly database: Warehouse;
  readonly store: ObjectStore;
  /** Where the log, the runs and the agreed schema are. */
  readonly at: Omit<RunRef, 'run'>;
}

/** @throws Terminal `UnknownPipeline`, `ConfigInvalid` */
export async function openDestination(
  deps: Dependencies,
  { pipeline, destination }: { readonly pipeline: string; readonly destination: string },
): Promise<Destination> {
  const definition = await deps.definitionOf(pipeline, destination);
  const { mapping: logMapping } = await deps.pipelineOf(pipeline);
  const { warehouse, staging } = definition;
  return {
    ...{ pipeline, name: destination, definition, logMapping, warehouse, pace: applyPace(warehouse) },
    database: deps.warehouse(warehouse),
    store: deps.store(staging.bucket),
    at: {
      ...{ bucket: staging.bucket, prefix: staging.prefix, pipeline },
      ...(definition.destination === undefined ? {} : { destination: definition.destination }),
    },
  };
}
