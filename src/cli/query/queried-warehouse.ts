import type { WarehouseTarget } from '../../clients/warehouse.ts';
import { findDefinition } from '../../config/find-pipeline.ts';
import { definitionsOf } from '../../pipeline/definition/pipeline.ts';
import { configHere } from '../temporal/config-here.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

/** The warehouse to query, and the live schemas there. */
export interface QueriedWarehouse {
  readonly target: WarehouseTarget;
  readonly schemas: readonly string[];
}

/**
 * The warehouse of a pipeline or loader; without a name, the only one of the configuration.
 * @param destination of the pipeline; may be absent if it has only one
 * @throws CommandError if its pipelines and loaders have several
 */
export async function queriedWarehouse(
  pipeline: string | undefined,
  config: string | undefined,
  destination?: string,
): Promise<QueriedWarehouse> {
  const read = await configHere(config);
  if (pipeline !== undefined) {
    const isLoader = !Object.hasOwn(read.pipelines, pipeline) && Object.hasOwn(read.loaders, pipeline);
    const target = isLoader
      ? read.loaders[pipeline]!.target
      : findDefinition(read, pipeline, destination).warehouse;
    return { target, schemas: [target.schema] };
  }
  const all = [
    ...Object.values(read.pipelines)
      .flatMap((each) => Object.values(definitionsOf(each)))
      .map(({ warehouse }) => warehouse),
    ...Object.values(read.loaders).map(({ target }) => target),
  ];
  const byTarget = Map.groupBy(all, ({ workgroup, cluster, dbUser, secretArn, database }) =>
    JSON.stringify([workgroup, cluster, dbUser, secretArn, database]),
  );
  const [first, ...others] = byTarget.values();
  const target = first?.[0];
  if (first !== undefined && target !== undefined && others.length === 0)
    return { target, schemas: [...new Set(first.map(({ schema }) => schema))] };
  const names = [...Object.keys(read.pipelines), ...Object.keys(read.loaders)];
  throw new CommandError(
    ExitCode.usage,
    names.length === 0
      ? 'The configuration has no pipelines or loaders, and so no warehouse to query.'
      : `The configuration has several warehouses. Choose one: ${TRIBUTARY} query --pipeline ${names[0]} "…" (or ${names.slice(1).join(', ')})`,
  );
}
