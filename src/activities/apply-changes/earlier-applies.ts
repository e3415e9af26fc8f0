import { Context } from '@temporalio/activity';
import type { Warehouse } from '../../clients/warehouse.ts';
import { endRunning } from '../sql/end-running.ts';

/** The name of an apply's transaction in Redshift's lists. */
export const applyName = (schema: string) => `tributary apply changes to ${schema}`;

/**
 * Ends the transactions that earlier applies to a schema have left running. No later one finds them, because each apply has
 * statements of its own; and if one should end well, the guards of the others refuse to apply its changes again.
 */
export class EarlierApplies {
  /** By destination, the execution whose first round was here. */
  readonly #executions = new Map<string, string>();

  /** Does nothing for later rounds of an execution that this worker knows. @param of names the destination */
  async end(of: string, warehouse: Warehouse, schema: string, signal: AbortSignal): Promise<void> {
    const { attempt, workflowExecution } = Context.current().info;
    const execution = `${workflowExecution?.runId} ${schema}`;
    if (attempt === 1 && this.#executions.get(of) === execution) return;
    await endRunning(warehouse, applyName(schema), signal);
    this.#executions.set(of, execution);
  }
}
