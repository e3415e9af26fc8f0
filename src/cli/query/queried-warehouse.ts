import { findPipeline } from '../../config/find-pipeline.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { configHere } from '../temporal/config-here.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

/** The warehouse to query, and the live schemas there. */
export interface QueriedWarehouse {
  readonly target: WarehouseDefinition;
  readonly schemas: readonly string[];
}

/**
 * The warehouse of a pipeline; without a name, the only one of the configuration.
 * @throws CommandError if its pipelines have several
 */
export async function queriedWarehouse(
  pipeline: string | undefined,
  config: string | undefined,
): Promise<QueriedWarehouse> {
  const read = await configHere(config);
  if (pipeline !== undefined) {
    const { warehouse } = findPipeline(read, pipeline);
    return { target: warehouse, schemas: [warehouse.schema] };
  }
  const all = Object.values(read.pipelines).map(({ warehouse }) => warehouse);
  const byTarget = Map.groupBy(all, ({ workgroup, cluster, dbUser, secretArn, database }) =>
    JSON.stringify([workgroup, cluster, dbUser, secretArn, database]),
  );
  const [first, ...others] = byTarget.values();
  const target = first?.[0];
  if (first !== undefined && target !== undefined && others.length === 0)
    return { target, schemas: first.map(({ schema }) => schema) };
  const names = Object.keys(read.pipelines);
  throw new CommandError(
    ExitCode.usage,
    names.length === 0
      ? 'The configuration has no pipelines, and so no warehouse to query.'
      : `The pipelines have several warehouses. Choose one: ${TRIBUTARY} query --pipeline ${names[0]} "…" (or ${names.slice(1).join(', ')})`,
  );
}
