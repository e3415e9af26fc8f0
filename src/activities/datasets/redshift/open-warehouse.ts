import { Terminal } from '../../../clients/errors.ts';
import type { Warehouse } from '../../../clients/warehouse.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import type { StepWarehouse } from '../../../pipeline/datasets/derived/step-warehouse.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import type { StatementWatch } from '../../sql/until-ended.ts';
import { whoBlocks } from '../../sql/who-blocks.ts';

/** The warehouse of a derived dataset with `engine: redshift`. */
export interface OpenWarehouse {
  readonly target: StepWarehouse;
  readonly database: Warehouse;
  readonly watch: StatementWatch;
  readonly signal: AbortSignal;
}

export function openWarehouse(
  deps: Pick<Dependencies, 'warehouse'>,
  dataset: string,
  { warehouse: target }: Pick<DerivedDefinition, 'warehouse'>,
  signal: AbortSignal,
): OpenWarehouse {
  // The configuration's schema has made sure of it.
  if (target === undefined) throw new Terminal('ConfigInvalid', `${dataset} has no warehouse.`);
  const database = deps.warehouse(target);
  return {
    ...{ target, database, signal },
    watch: {
      timeLimitSeconds: target.stepSeconds,
      setting: `warehouse.stepSeconds of dataset ${dataset}`,
      whoBlocks: (pid) => whoBlocks(database, pid, target.terminateBlockers, signal),
    },
  };
}

/** Whether two tables are in one database, so that one transaction reads both. */
export const isSameDatabase = (a: StepWarehouse, b: StepWarehouse): boolean =>
  a.workgroup === b.workgroup && a.cluster === b.cluster && a.database === b.database;

export const nameOf = ({ schema, table }: Pick<StepWarehouse, 'schema' | 'table'>): string =>
  `${schema}.${table}`;
