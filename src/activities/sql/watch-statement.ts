import type { Warehouse } from '../../clients/warehouse.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { StatementWatch } from './until-ended.ts';
import { whoBlocks } from './who-blocks.ts';

/**
 * Watches a transaction on staging or live: its phase's time limit, what blocks it, and the termination of blockers
 * whose users the definition lists.
 */
export function watchStatement(options: {
  readonly database: Warehouse;
  readonly warehouse: WarehouseDefinition;
  readonly phase: 'prepare' | 'load' | 'verify' | 'replace';
  readonly signal: AbortSignal;
}): StatementWatch {
  const { database, warehouse, phase, signal } = options;
  return {
    timeLimitSeconds: warehouse.timeLimits[`${phase}Seconds`],
    setting: `warehouse.timeLimits.${phase}Seconds`,
    whoBlocks: (pid) => whoBlocks(database, pid, warehouse.terminateBlockers, signal),
  };
}
