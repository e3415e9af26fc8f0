import { schemaNameFrom } from '../pipeline/definition/derived-names.ts';
import { RedshiftDestination, S3Destination, WAREHOUSE } from '../pipeline/definition/destination.ts';
import { type Pipeline, withDestinations, withWarehouse } from '../pipeline/definition/pipeline.ts';
import { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { PipelineEntry } from './pipeline-entry.ts';

/** The schema of a destination that has no setting for it. */
export const schemaOf = (pipeline: string, destination = WAREHOUSE): string =>
  schemaNameFrom(destination === WAREHOUSE ? pipeline : `${pipeline}_${destination}`);

/** A table of a pattern. */
interface Matched {
  readonly pipeline: string;
  /** What a template becomes. */
  filled(template: string): string;
}

/**
 * The pipeline of an entry for one table.
 * @param matched if the entry is for a pattern of tables
 */
export function pipelineOfEntry(entry: Omit<PipelineEntry, 'name'>, matched?: Matched): Pipeline {
  const { warehouse, destinations = {}, ...shared } = entry;
  const schema = (template: string | undefined, destination: string) =>
    matched === undefined
      ? template
      : template === undefined
        ? schemaOf(matched.pipeline, destination)
        : schemaNameFrom(matched.filled(template));
  if (warehouse !== undefined) {
    const filled = { ...warehouse, schema: schema(warehouse.schema, WAREHOUSE) };
    return withWarehouse(PipelineDefinition.parse({ ...shared, warehouse: filled }));
  }
  const written = Object.entries(destinations).map(([name, each]) => [
    name,
    each.kind === 's3'
      ? S3Destination.parse({ ...each, prefix: matched?.filled(each.prefix) ?? each.prefix })
      : RedshiftDestination.parse({ ...each, schema: schema(each.schema, name) }),
  ]);
  return withDestinations(shared, Object.fromEntries(written));
}
